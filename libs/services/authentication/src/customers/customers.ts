import { Inject, Injectable } from '@nestjs/common';
import { type Contact, claim, type ClaimEvent, claimStream, credential, type Credential, type CredentialEvent, credentialStream, customer, type Customer, type CustomerEvent, customerStream, isRevoked, login, type LoginEvent, type Logins, loginStream, normaliseEmail } from '@kendt/domain';
import { type EventStore, type Lookup, readAll, type StoredEvent } from '@kendt/eventsourcing';
import { fold, isErased } from '@kendt/kernel';
import { EVENT_STORE, LOOKUP } from '@kendt/nest';

export interface KnownCustomer {
  readonly customerId: string;
  readonly state: Customer;
  /** Absent once erased. */
  readonly contact: Contact | undefined;
}

/** Who may sign in: read from the streams, never from a view, since it guards access. */
@Injectable()
export class Customers {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(LOOKUP) private readonly lookup: Lookup,
  ) {}

  emailClaim(email: string): string {
    return this.lookup('email', normaliseEmail(email));
  }

  externalClaim(provider: string, subject: string): string {
    return this.lookup('external', `${provider} ${subject}`);
  }

  async holderOf(claimHash: string): Promise<string | undefined> {
    const state = fold(claim, await this.#read<ClaimEvent>(claimStream(claimHash)));
    return state.status === 'held' ? state.customerId : undefined;
  }

  async read(customerId: string): Promise<KnownCustomer> {
    const events = await this.#read<CustomerEvent>(customerStream(customerId));
    return { customerId, state: fold(customer, events), contact: contactOf(events) };
  }

  async credential(customerId: string): Promise<Credential> {
    return fold(credential, await this.#read<CredentialEvent>(credentialStream(customerId)));
  }

  logins(customerId: string): Promise<readonly LoginEvent[]> {
    return this.#read<LoginEvent>(loginStream(customerId));
  }

  async loginState(customerId: string): Promise<Logins> {
    return fold(login, await this.logins(customerId));
  }

  /**
   * The customer, while they are active and what they hold was issued after their sessions were last revoked.
   * @param since seconds since 1970, as tokens and sessions have it
   */
  async usable(customerId: string, since: number | undefined): Promise<KnownCustomer | undefined> {
    const [known, logins] = await Promise.all([this.read(customerId), this.loginState(customerId)]);
    return known.state.status === 'active' && !isRevoked(logins, since) ? known : undefined;
  }

  async #read<E>(stream: string): Promise<E[]> {
    return (await readAll(this.events, stream)) as (StoredEvent & E)[];
  }
}

const contactOf = (events: readonly CustomerEvent[]): Contact | undefined => {
  const last = events.findLast((event) => event.type === 'CustomerRegistered' || event.type === 'ContactDetailsChanged' || event.type === 'GuestUpgraded');
  return last && !isErased(last.personal.contact) ? last.personal.contact : undefined;
};
