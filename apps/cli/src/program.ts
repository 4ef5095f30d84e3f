import { Command, CommanderError } from 'commander';
import { backupCommand } from './backup.command.js';
import { configCommands } from './config.commands.js';
import { exitCodes, Failure, type Terminal } from './failure.js';
import { keysCommands } from './keys.commands.js';
import { parkedCommands } from './parked.commands.js';
import { replayCommand } from './replay.command.js';
import { restoreCommand } from './restore.command.js';
import { secretsCommands } from './secrets.commands.js';
import { topicsCommands } from './topics.commands.js';
import { verifyCertificateCommand } from './verify-certificate.command.js';
import { viewsCommands } from './views.commands.js';

/** Runs one command line and gives its exit code; prints nothing but through `terminal`. */
export const run = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  let code: number = exitCodes.done;
  const program = withOutput(build(terminal, (result) => (code = result)), terminal);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (!(error instanceof Failure) && !isSentence(error)) throw error;
    terminal.err(`${error.message}\n`);
    return exitCodes.failed;
  }
};

/** What is wrong with settings and backups is written for people too. */
const isSentence = (error: unknown): error is Error => error instanceof Error && ['ConfigError', 'BackupError'].includes(error.name);

const build = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('kendt')
    .description('Look at and look after Kendt.')
    .addCommand(
      new Command('audit')
        .description('what happened, and proof of it')
        .addCommand(replayCommand(terminal, done))
        .addCommand(verifyCertificateCommand(terminal, done)),
    )
    .addCommand(configCommands(terminal, done))
    .addCommand(keysCommands(terminal, done))
    .addCommand(secretsCommands(terminal, done))
    .addCommand(backupCommand(terminal, done))
    .addCommand(restoreCommand(terminal, done))
    .addCommand(viewsCommands(terminal, done))
    .addCommand(parkedCommands(terminal, done))
    .addCommand(topicsCommands(terminal, done))
    .addHelpText('after', '\nExit codes: 0 as asked, 1 could not be done or is not right, 2 not understood.');

/** Of every command below as well: none ends the process or writes by itself. */
const withOutput = (command: Command, terminal: Terminal): Command => {
  command.exitOverride().configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) });
  for (const below of command.commands) withOutput(below, terminal);
  return command;
};
