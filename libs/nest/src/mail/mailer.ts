import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '@kendt/eventsourcing';
import type { SendMailOptions } from 'nodemailer';
import type { Config, MailRoute } from '../config/config.js';
import { resolveReference } from '../config/reference.js';
import { CLOCK, CONFIG } from '../tokens.js';
import { checkIds, compose, type Mail } from './mail.js';
import { MailDir } from './mail-dir.js';

/** `refused`: the mail server will never take it (no such mailbox), so trying again is no use. */
export type Sent = 'sent' | 'refused';

interface Transport {
  deliver(mail: Mail, message: SendMailOptions): Promise<Sent>;
  forget(customerId: string, eventId?: string): Promise<void>;
  close(): void;
}

/**
 * Sends mails: through a mail server, or into a folder while developing. Call it from a follower, never from a request: then a
 * crash loses none. A mail that is sent again carries the same Message-ID, and overwrites the same file.
 */
@Injectable()
export class Mailer implements OnApplicationShutdown {
  readonly #transport: Transport;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'mail' | 'mailFrom'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#transport = transportOf(config.mail);
  }

  /** @throws Error when it could not be sent now; try again later. */
  async send(mail: Mail): Promise<Sent> {
    checkIds(mail);
    return this.#transport.deliver(mail, compose(mail, this.config.mailFrom, this.clock()));
  }

  /** Deletes this customer's development mails (or the one of an event). What a mail server has taken is out of our hands. */
  forget(customerId: string, eventId?: string): Promise<void> {
    return this.#transport.forget(customerId, eventId);
  }

  onApplicationShutdown(): void {
    this.#transport.close();
  }
}

const transportOf = (route: MailRoute): Transport => {
  switch (route.kind) {
    case 'dir':
      return dirTransport(route.dir);
    case 'smtp':
      return smtpTransport(route.url);
    case 'none':
      return noTransport;
  }
};

/** Of a service that has nobody to write to. */
const noTransport: Transport = {
  deliver: () => Promise.reject(new Error('This process sends no mails')),
  forget: async () => undefined,
  close: () => undefined,
};

/** Made at the first mail: most processes never write one, and the library is large. */
const whenNeeded = <T>(make: () => Promise<T>): { readonly made: Promise<T> | undefined; get(): Promise<T> } => {
  let made: Promise<T> | undefined;
  return {
    get made() {
      return made;
    },
    get: () => (made ??= make()),
  };
};

const dirTransport = (dir: string): Transport => {
  const mails = new MailDir(dir);
  const composer = whenNeeded(async () => (await import('nodemailer')).createTransport({ streamTransport: true, buffer: true, newline: 'windows' }));
  return {
    deliver: async (mail, message) => {
      const { message: content } = await (await composer.get()).sendMail(message);
      await mails.write(mail, content as Buffer);
      return 'sent';
    },
    forget: (customerId, eventId) => mails.forget(customerId, eventId),
    close: () => undefined,
  };
};

const patience = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

const smtpTransport = (setting: string): Transport => {
  const url = /^smtps?:/.test(setting) ? setting : resolveReference(setting, process.env);
  const server = whenNeeded(async () => (await import('nodemailer')).createTransport({ url, pool: true, maxConnections: 4, ...patience }));
  return {
    deliver: async (_, message) => {
      try {
        await (await server.get()).sendMail(message);
        return 'sent';
      } catch (error) {
        if (neverTaken(error)) return 'refused';
        throw withoutAddress(error);
      }
    },
    forget: async () => undefined,
    close: () => void server.made?.then((made) => made.close()),
  };
};

/** RFC 5321, 4.2.1: a 5yz answer to the envelope or the content is for ever; a wrong login (EAUTH) is ours to mend. */
const neverTaken = (error: unknown): boolean => {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode >= 500;
};

/** What a mail server answers often repeats the address; errors are logged. */
const withoutAddress = (error: unknown): Error => new Error(`The mail server did not take a mail (${(error as { code?: string }).code ?? 'no code'})`);
