import { Inject, Injectable } from '@nestjs/common';
import type { Contact, Customer, CustomerEvent, LivingCustomer } from '@kendt/domain';
import { type Clock, type EventStore, type Follower, keyOf, readAll, type StoredEvent } from '@kendt/eventsourcing';
import { CLOCK, type Config, CONFIG, Directory, EVENT_STORE, LinkTokens, type Mail, Mailer } from '@kendt/nest';
import { customerOf, readCustomer, readKnown } from './customers.js';
import { confirmationMail, type MailText, type Occasion, repeatedMail } from './registration-mails.texts.js';
import { verifyEmailLink } from './verify-email.handler.js';

export const registrationMails = 'registration-mails';

/** What is known of a customer when the mail is written, and what was before the event. */
interface Addressee {
  readonly event: StoredEvent;
  readonly before: Customer;
  readonly state: LivingCustomer;
  readonly contact: Contact;
}

const hour = 3_600_000;
const linkLives = 24 * hour;
/** After this a mail would only puzzle people; and should the checkpoint be lost, nobody gets years of mails again. */
const tooLate = 7 * 24 * hour;
const atOnce = 4;
const remembered = 1000;

const occasions: Partial<Record<CustomerEvent['type'], Occasion>> = {
  CustomerRegistered: 'registered',
  GuestUpgraded: 'registered',
  ContactDetailsChanged: 'changed',
  EmailVerificationRequested: 'asked',
};

/**
 * Mails follow events, so a crash between the append and the mail loses none. They are written in `handle`, where what cannot
 * be written is parked, and sent in `flush`: while the mail server is down nothing is parked, the follower waits for it.
 */
@Injectable()
export class RegistrationMails {
  readonly #sent = new Set<string>();
  #written: Mail[] = [];

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LinkTokens) private readonly links: LinkTokens,
    @Inject(Mailer) private readonly mailer: Mailer,
    @Inject(Directory) private readonly directory: Directory,
  ) {}

  follower(): Follower {
    return { name: registrationMails, categories: ['customer'], begin: () => void (this.#written = []), handle: (event) => this.#write(event), flush: () => this.#send() };
  }

  async #write(event: StoredEvent): Promise<void> {
    if (this.#sent.has(event.id) || !(event.type in occasions || event.type === 'RegistrationRepeated') || this.#isTooLate(event)) return;
    const { customer: state, contact } = await readKnown(this.store, keyOf(event.stream));
    if (state.status !== 'active' || !contact.email) return; // suspended, frozen or erased: no link of ours would help
    const text = await this.#text({ event, before: await this.#before(event), state, contact });
    if (text) this.#written.push({ customerId: keyOf(event.stream), eventId: event.id, to: contact.email, language: state.language, ...text });
  }

  /** Only the change of an address that can be confirmed has to be compared with what was there. */
  async #before({ type, stream, revision, data }: StoredEvent): Promise<Customer> {
    const matters = type === 'ContactDetailsChanged' && (data as { emailClaim?: string }).emailClaim !== undefined;
    return customerOf(matters ? await readAll(this.store, stream, { limit: revision }) : []);
  }

  async #text(addressee: Addressee): Promise<MailText | undefined> {
    const { event, state } = addressee;
    const sender = { language: state.language, brand: this.#brandName(addressee) };
    const occasion = occasions[event.type as CustomerEvent['type']];
    if (occasion) return needsConfirmation(addressee) ? confirmationMail(occasion, { ...sender, link: await this.#confirmLink(addressee) }) : undefined;
    const verified = state.emailVerified || !state.emailClaim;
    const link = verified ? `${this.config.publicUrl}/account?lang=${state.language}` : await this.#confirmLink(addressee);
    return repeatedMail(verified ? 'verified' : 'unverified', { ...sender, link });
  }

  /** Lives from now on, not from the event on: a mail that was late must still be of use. */
  async #confirmLink({ event, state }: Addressee): Promise<string> {
    const link = { purpose: verifyEmailLink, customerId: keyOf(event.stream), emailClaim: state.emailClaim ?? '' };
    const token = await this.links.sign(link, new Date(this.clock().getTime() + linkLives));
    return `${this.config.publicUrl}/verify?token=${token}&lang=${state.language}`;
  }

  #brandName({ event, state }: Addressee): string {
    const id = event.metadata.brand ?? (event.data as { brandId?: string }).brandId ?? state.brands[0];
    return (id !== undefined && this.directory.brand(id)?.name) || 'Kendt';
  }

  #isTooLate({ metadata }: StoredEvent): boolean {
    return this.clock().getTime() - Date.parse(metadata.recordedAt) > tooLate;
  }

  /** When this throws, the batch comes again; what went out before is remembered, so it is not written a second time. */
  async #send(): Promise<void> {
    const mails = this.#written;
    this.#written = [];
    for (let n = 0; n < mails.length; n += atOnce) await allOf(mails.slice(n, n + atOnce).map((mail) => this.#sendOne(mail)));
  }

  /** An erasure or a suspension may begin between writing and sending: looked at before, and what slipped through is taken back after. */
  async #sendOne(mail: Mail): Promise<void> {
    if (!(await this.#isActive(mail.customerId))) return;
    await this.mailer.send(mail);
    this.#remember(mail.eventId);
    if (!(await this.#isActive(mail.customerId))) await this.mailer.forget(mail.customerId, mail.eventId);
  }

  async #isActive(customerId: string): Promise<boolean> {
    return (await readCustomer(this.store, customerId)).status === 'active';
  }

  #remember(eventId: string): void {
    this.#sent.add(eventId);
    if (this.#sent.size > remembered) this.#sent.delete(this.#sent.values().next().value as string);
  }
}

/** Like Promise.all, but nothing is still under way when it throws: a mail that is on its way must not be sent beside itself. */
const allOf = async (works: readonly Promise<void>[]): Promise<void> => {
  const failed = (await Promise.allSettled(works)).find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
};

/** Only for the address that stands now, while it is not confirmed; a change of something else asks for nothing. */
const needsConfirmation = ({ event, before, state }: Addressee): boolean => {
  const { emailClaim } = event.data as { emailClaim?: string };
  if (!emailClaim || emailClaim !== state.emailClaim || state.emailVerified) return false;
  return event.type !== 'ContactDetailsChanged' || before.status !== 'active' || before.emailClaim !== emailClaim;
};
