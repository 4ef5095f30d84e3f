import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkIds, type Mail } from './mail.js';

export interface KeptMail {
  /** `<customerId>.<eventId>` */
  readonly name: string;
  readonly keptAt: Date;
}

const nameShape = /^[A-Za-z0-9-]{1,64}\.[A-Za-z0-9-]{1,64}$/;
const suffix = '.eml';

/** A folder of mails for development: `<customerId>.<eventId>.eml`, readable by its owner alone. */
export class MailDir {
  constructor(private readonly dir: string) {}

  /** Whole or not at all. A draft that a crash left behind carries the customer's id too, so {@link forget} finds it. */
  async write(mail: Pick<Mail, 'customerId' | 'eventId'>, content: Uint8Array): Promise<void> {
    checkIds(mail);
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    const path = join(this.dir, `${mail.customerId}.${mail.eventId}${suffix}`);
    const draft = `${path}.${randomBytes(6).toString('hex')}.part`;
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  }

  /** Newest first. */
  async list(most: number): Promise<KeptMail[]> {
    const names = (await this.#files()).filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));
    const kept = await Promise.all(names.map((name) => this.#kept(name)));
    return kept
      .flatMap((mail) => mail ?? [])
      .sort((a, b) => b.keptAt.getTime() - a.keptAt.getTime() || (a.name < b.name ? -1 : 1))
      .slice(0, most);
  }

  async read(name: string): Promise<Buffer | undefined> {
    return nameShape.test(name) ? readFile(this.#path(name)).catch(ifMissing) : undefined;
  }

  /** Every mail of this customer, or the one of this event. */
  async forget(customerId: string, eventId?: string): Promise<void> {
    checkIds({ customerId, eventId: eventId ?? 'any' });
    const prefix = `${customerId}.${eventId ? `${eventId}.` : ''}`;
    const theirs = (await this.#files()).filter((file) => file.startsWith(prefix));
    await Promise.all(theirs.map((file) => rm(join(this.dir, file), { force: true })));
  }

  async #kept(name: string): Promise<KeptMail | undefined> {
    const file = nameShape.test(name) ? await stat(this.#path(name)).catch(ifMissing) : undefined;
    return file && { name, keptAt: file.mtime };
  }

  async #files(): Promise<string[]> {
    return (await readdir(this.dir).catch(ifMissing)) ?? [];
  }

  #path(name: string): string {
    return join(this.dir, `${name}${suffix}`);
  }
}

const ifMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT') return undefined;
  throw error;
};
