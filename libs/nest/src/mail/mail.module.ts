import { Global, Module } from '@nestjs/common';
import { LinkTokens } from '../link-tokens.js';
import { MailboxController } from './mailbox.controller.js';
import { Mailer } from './mailer.js';

/** Mails and the links in them, for every service. */
@Global()
@Module({ controllers: [MailboxController], providers: [Mailer, LinkTokens], exports: [Mailer, LinkTokens] })
export class MailModule {}
