import { Inject, Injectable } from '@nestjs/common';
import { type ErasureEvent, erasureStream } from '@kendt/domain';
import { type Clock, type EventStore, keyOf, readAll, type StoredEvent, timestamp } from '@kendt/eventsourcing';
import { CLOCK, type Config, CONFIG, Directory, EVENT_STORE, LinkTokens, Mailer } from '@kendt/nest';
import { addressee, lastKnown } from './customers.js';
import { linkExpiresAt } from './deadlines.js';
import { confirmationMail, lastMail, type MailText, type MailWords } from './erasure-mail.texts.js';

export const confirmPurpose = 'confirm-erasure';

type Requested = Extract<ErasureEvent, { type: 'ErasureRequested' }>['data'];

/** The two mails of an erasure: please confirm, and the last one, which says where the certificate will be. */
@Injectable()
export class ErasureMails {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LinkTokens) private readonly links: LinkTokens,
    @Inject(Mailer) private readonly mailer: Mailer,
    @Inject(Directory) private readonly directory: Directory,
  ) {}

  async send(stored: StoredEvent): Promise<void> {
    const event = stored as unknown as ErasureEvent;
    if (event.type === 'ErasureRequested') await this.#askToConfirm(stored, event.data);
    if (event.type === 'RequesterConfirmed') await this.#sayGoodbye(stored);
  }

  /** Nobody is asked to confirm what is over, should this event be handled again much later. */
  async #askToConfirm(event: StoredEvent, requested: Requested): Promise<void> {
    const expiresAt = linkExpiresAt(requested.requestedAt);
    const [, ...later] = await readAll(this.store, event.stream);
    if (later.length > 0 || expiresAt <= timestamp(this.clock)) return;
    const { customerId } = requested;
    const token = await this.links.sign({ purpose: confirmPurpose, customerId, caseId: keyOf(event.stream) }, new Date(expiresAt));
    await this.#post(event, requested, (words) => confirmationMail({ ...words, link: `${this.config.publicUrl}/erasure/confirm?token=${token}&lang=${words.language}` }));
  }

  async #sayGoodbye(event: StoredEvent): Promise<void> {
    const caseId = keyOf(event.stream);
    const [first] = await readAll(this.store, erasureStream(caseId), { limit: 1 });
    const requested = (first as unknown as { data: Requested }).data;
    await this.#post(event, requested, (words) => lastMail({ ...words, link: `${this.config.publicUrl}/erasure/${caseId}?lang=${words.language}` }));
  }

  async #post(event: StoredEvent, { customerId, language: asked }: Requested, write: (words: Omit<MailWords, 'link'>) => MailText): Promise<void> {
    const to = await addressee(this.store, customerId);
    if (!to) return; // erased in the meantime: there is nobody to write to
    const language = asked ?? to.language;
    await this.mailer.send({ customerId, eventId: event.id, to: to.email, language, ...write({ language, brands: await this.#brandNames(customerId) }) });
  }

  /** All of them: what is erased is erased everywhere. */
  async #brandNames(customerId: string): Promise<readonly string[]> {
    const known = await lastKnown(this.store, customerId);
    return (known?.brands ?? []).map((id) => this.directory.brand(id)?.name ?? id);
  }
}
