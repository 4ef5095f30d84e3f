import { Inject, Injectable } from '@nestjs/common';
import {
  type AccessEvent, accessStream, consent, type ConsentEvent, consentKey, type ConsentState, consentStream, type Contact, holdings, type HoldingsEvent,
  holdingsStream, type LawfulBasis, type LivingCustomer, type LoginEvent, loginStream,
} from '@kendt/domain';
import { type EventStore, readAll, type StoredEvent } from '@kendt/eventsourcing';
import { fold } from '@kendt/kernel';
import { Directory, EVENT_STORE, type Language, type ListedPurpose } from '@kendt/nest';
import type { KnownCustomer } from '../customers/customers.js';

export interface PurposeStanding {
  readonly purposeId: string;
  readonly title: string;
  readonly basis: LawfulBasis;
  readonly state: ConsentState['status'] | 'none';
  readonly currentNotice: number;
  readonly notice: string;
  /** Agreed to, but on an earlier text. */
  readonly renewed: boolean;
}

export interface SignInRow {
  readonly at: string;
  readonly where: string | undefined;
  /** `undefined`: it failed. */
  readonly method: string | undefined;
}

export interface AccessRow {
  readonly at: string;
  readonly who: string;
  readonly staffId: string | undefined;
  readonly reason: string;
}

export interface AccountView {
  readonly contact: Contact | undefined;
  readonly emailVerified: boolean;
  readonly identities: readonly string[];
  readonly brands: readonly { readonly id: string; readonly name: string; readonly purposes: readonly PurposeStanding[] }[];
  readonly signIns: readonly SignInRow[];
  readonly accesses: readonly AccessRow[];
}

export interface HoldingRow {
  readonly system: string;
  readonly what: string;
  readonly basis: string;
  readonly law: string | undefined;
  readonly until: string | undefined;
}

const latest = { signIns: 10, accesses: 50 };

/** What a customer sees of themselves: folded from their streams when they ask. */
@Injectable()
export class Accounts {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(Directory) private readonly directory: Directory,
  ) {}

  async view({ customerId, state, contact }: KnownCustomer, lang: Language): Promise<AccountView> {
    const { emailVerified, identities, brands } = state as LivingCustomer;
    const [consents, signIns, accesses] = await Promise.all([this.#consents(customerId), this.#signIns(customerId), this.#accesses(customerId)]);
    return {
      contact,
      emailVerified,
      identities: Object.keys(identities),
      brands: brands.map((id) => ({ id, name: this.directory.brand(id)?.name ?? id, purposes: this.directory.purposes(id).map((purpose) => standing(purpose, consents[consentKey(id, purpose.id)], lang)) })),
      signIns,
      accesses,
    };
  }

  async holdings(customerId: string): Promise<HoldingRow[]> {
    const state = fold(holdings, await this.#read<HoldingsEvent>(holdingsStream(customerId)));
    return Object.values(state.held).map(({ systemId, what, basis, law, until }) => ({ system: this.directory.system(systemId)?.description.name ?? systemId, what, basis, law, until }));
  }

  async #consents(customerId: string): Promise<Readonly<Record<string, ConsentState>>> {
    return fold(consent, await this.#read<ConsentEvent>(consentStream(customerId)));
  }

  async #signIns(customerId: string): Promise<SignInRow[]> {
    const events = await this.#read<LoginEvent>(loginStream(customerId), { direction: 'backwards', limit: 100 });
    const rows = events.flatMap((event): SignInRow[] => {
      if (event.type === 'SessionsRevoked') return [];
      const where = this.directory.client(event.data.clientId)?.name;
      return event.type === 'LoginSucceeded' ? [{ at: event.data.succeededAt, where, method: event.data.method }] : [{ at: event.data.failedAt, where, method: undefined }];
    });
    return rows.slice(0, latest.signIns);
  }

  async #accesses(customerId: string): Promise<AccessRow[]> {
    const events = await this.#read<AccessEvent>(accessStream(customerId), { direction: 'backwards', limit: latest.accesses });
    return events.map(({ data }) => ({ at: data.viewedAt, who: this.directory.client(data.clientId)?.name ?? data.clientId, staffId: data.staffId, reason: data.reason }));
  }

  async #read<E>(stream: string, options: Parameters<typeof readAll>[2] = {}): Promise<E[]> {
    return (await readAll(this.events, stream, options)) as (StoredEvent & E)[];
  }
}

const standing = ({ id, definition, notices, currentNotice }: ListedPurpose, given: ConsentState | undefined, lang: Language): PurposeStanding => {
  const texts = notices.at(-1)?.texts ?? {};
  return {
    purposeId: id,
    title: definition.title[lang] ?? id,
    basis: definition.basis,
    state: given?.status ?? 'none',
    currentNotice,
    notice: texts[lang] ?? '',
    renewed: given?.status === 'granted' && given.noticeVersion < currentNotice,
  };
};
