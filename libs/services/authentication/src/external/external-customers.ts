import { Inject, Injectable } from '@nestjs/common';
import { claim, claimStream, customer, type CustomerCommand, customerStream } from '@kendt/domain';
import { type Clock, decision, type EventStore, handle, randomId, timestamp } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { CLOCK, Directory, EVENT_STORE, type Language } from '@kendt/nest';
import { Customers } from '../customers/customers.js';
import { SignIns } from '../customers/sign-ins.js';
import type { ExternalIdentity } from './external-identity.js';

export interface Where {
  readonly clientId: string;
  readonly lang: Language;
}

export type Recognised =
  | { readonly as: 'customer'; readonly customerId: string }
  /** Their own address is not confirmed yet: a mail is on its way, or somebody else's is told. */
  | { readonly as: 'unconfirmed' }
  /** There is an account with this address: whose it is shows its password. */
  | { readonly as: 'namesake'; readonly customerId: string }
  | { readonly as: 'without-email' }
  | { readonly as: 'refused' };

/** Turns an identity at another provider into a customer of ours. */
@Injectable()
export class ExternalCustomers {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Directory) private readonly directory: Directory,
    @Inject(Customers) private readonly customers: Customers,
    @Inject(SignIns) private readonly signIns: SignIns,
  ) {}

  async recognise(identity: ExternalIdentity, where: Where): Promise<Recognised> {
    const linked = await this.customers.holderOf(this.#claimOf(identity));
    if (linked) return this.#known(linked, where);
    if (!identity.email) return { as: 'without-email' };
    const owner = await this.customers.holderOf(this.customers.emailClaim(identity.email));
    if (!owner) return this.#register(identity, identity.email, where);
    if (identity.emailVerified) return { as: 'namesake', customerId: owner };
    // Whoever only says that an address is theirs learns nothing: the answer is that of a new one, and the owner is told.
    await this.#decide(owner, where, { type: 'NoteRepeatedRegistration', at: timestamp(this.clock), data: { brandId: this.#brandOf(where) ?? '' } });
    return { as: 'unconfirmed' };
  }

  /**
   * After the password was given. The provider has confirmed the address, so it counts as confirmed from now on; unless somebody
   * else may have chosen that password: then the mailbox decides, nothing is linked, and the link is mailed again.
   */
  async link(customerId: string, identity: ExternalIdentity, where: Where): Promise<'linked' | 'unconfirmed'> {
    try {
      await this.#link(customerId, identity, where);
      return 'linked';
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'VERIFICATION_NEEDS_PASSWORD') throw error;
      await this.#decide(customerId, where, { type: 'RequestEmailVerification', at: timestamp(this.clock), data: {} });
      return 'unconfirmed';
    }
  }

  async #link(customerId: string, identity: ExternalIdentity, where: Where): Promise<void> {
    const at = timestamp(this.clock);
    const hash = this.#claimOf(identity);
    const emailClaim = this.customers.emailClaim(identity.email ?? '');
    const commands: CustomerCommand[] = [
      { type: 'VerifyEmail', at, data: { emailClaim } },
      { type: 'LinkExternalIdentity', at, data: { provider: identity.provider, claim: hash } },
    ];
    const claimed = decision(claim, claimStream(hash), { type: 'ClaimIdentifier', at, data: { customerId } });
    await handle(this.events, [decision(customer, customerStream(customerId), ...commands), claimed], this.signIns.context(customerId, where.clientId, randomId()), at);
  }

  async #known(customerId: string, where: Where): Promise<Recognised> {
    const { state } = await this.customers.read(customerId);
    if (state.status !== 'active') return { as: 'refused' };
    if (state.emailVerified) return { as: 'customer', customerId };
    await this.#decide(customerId, where, { type: 'RequestEmailVerification', at: timestamp(this.clock), data: {} });
    return { as: 'unconfirmed' };
  }

  /** One append: the customer, the address, the identity; somebody else's claim undoes all of it. */
  async #register(identity: ExternalIdentity, email: string, where: Where): Promise<Recognised> {
    const brandId = this.#brandOf(where);
    if (!brandId) return { as: 'refused' };
    const [at, customerId] = [timestamp(this.clock), randomId()];
    const [emailClaim, hash] = [this.customers.emailClaim(email), this.#claimOf(identity)];
    const contact = { email, ...(identity.name && { name: identity.name }) };
    const commands: CustomerCommand[] = [
      { type: 'RegisterCustomer', at, data: { kind: 'full', brandId, language: where.lang, contact, emailClaim } },
      ...(identity.emailVerified ? [{ type: 'VerifyEmail' as const, at, data: { emailClaim } }] : []),
      { type: 'LinkExternalIdentity', at, data: { provider: identity.provider, claim: hash } },
    ];
    const claims = [emailClaim, hash].map((each) => decision(claim, claimStream(each), { type: 'ClaimIdentifier', at, data: { customerId } }));
    await handle(this.events, [decision(customer, customerStream(customerId), ...commands), ...claims], this.signIns.context(customerId, where.clientId, randomId()), at);
    return identity.emailVerified ? { as: 'customer', customerId } : { as: 'unconfirmed' };
  }

  async #decide(customerId: string, { clientId }: Where, command: CustomerCommand): Promise<void> {
    const context = { ...this.signIns.context(customerId, clientId, randomId()), actor: { kind: 'client' as const, id: clientId } };
    const { state } = await this.customers.read(customerId);
    if (state.status === 'active' || state.status === 'suspended') await handle(this.events, [decision(customer, customerStream(customerId), command)], context, command.at);
  }

  #claimOf({ provider, subject }: ExternalIdentity): string {
    return this.customers.externalClaim(provider, subject);
  }

  #brandOf({ clientId }: Where): string | undefined {
    return this.directory.client(clientId)?.brandId;
  }
}
