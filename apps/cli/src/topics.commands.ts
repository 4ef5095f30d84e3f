import { Command } from 'commander';
import type { Terminal } from './failure.js';
import { aclsCommand } from './topics.acls.command.js';
import { redriveCommand } from './topics.redrive.command.js';
import { republishCommand } from './topics.republish.command.js';

export const topicsCommands = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('topics')
    .description('what Kendt tells other systems, and what they tell it')
    .addCommand(republishCommand(terminal, done))
    .addCommand(redriveCommand(terminal, done))
    .addCommand(aclsCommand(terminal, done));
