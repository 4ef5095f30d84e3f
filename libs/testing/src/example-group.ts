import {
  brand, brandStream, client, clientStream, consent, consentStream, type Contact, customer, type CustomerKind, customerStream, purpose, purposeStream, system,
  systemStream,
} from '@kendt/domain';
import { decision, type EventStore, handle, type Handled, randomId } from '@kendt/eventsourcing';
import type { AnyEvent, Decider } from '@kendt/kernel';

export const exampleIds = { ida: '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a10', bo: '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a11', nobody: '0192f0c1-7c2e-7b6a-9d55-2f0d4a3a6a12' };
export const idaHolm: Contact = { email: 'ida.holm@example.org', phone: '+4520123456', name: { given: 'Ida', family: 'Holm' } };

interface NewCustomer {
  readonly kind?: CustomerKind;
  readonly brandId?: string;
  readonly contact?: Contact;
}

/** Two brands with purposes, systems and clients, and people in them: written as events, as services find them. */
export class ExampleGroup {
  /** @param store sealing, where the services' own is */
  constructor(
    private readonly store: EventStore,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Asks a decider, and appends what it answers. */
  act<C extends { readonly type: string; readonly at: string }, E extends AnyEvent, S>(decider: Decider<C, E, S>, stream: string, ...commands: readonly Untimed<C>[]): Promise<Handled> {
    const at = this.now().toISOString();
    const timed = commands.map((command) => ({ ...command, at }) as unknown as C);
    return handle(this.store, [decision(decider, stream, ...timed)], { commandId: randomId(), actor: { kind: 'system', id: 'test' } }, at);
  }

  async open(): Promise<void> {
    await this.act(brand, brandStream('fjord'), { type: 'DescribeBrand', data: { name: 'Fjord Møbler', look: 'fjord', contact: 'privacy@fjord.example' } });
    await this.act(brand, brandStream('lund'), { type: 'DescribeBrand', data: { name: 'Lund & Lys', look: 'lund', contact: 'privacy@lund.example' } });
    await this.#purpose('newsletter', 'consent', 1);
    await this.#purpose('personal-offers', 'consent', 2);
    await this.#purpose('bookkeeping', 'legal-obligation', 1);
    await this.act(system, systemStream('erp'), { type: 'RegisterSystem', data: { name: 'ERP', brands: ['fjord', 'lund'] } });
    await this.act(system, systemStream('fjord-shop'), { type: 'RegisterSystem', data: { name: 'Shop', brands: ['fjord'] } });
    await this.client('fjord-web', 'web', 'fjord');
    await this.client('lund-web', 'web', 'lund');
    await this.client('fjord-till', 'till', 'fjord');
  }

  async client(clientId: string, channel: string, brandId?: string): Promise<void> {
    const data = { name: clientId, channel, grants: [], scopes: [], redirectUris: [], postLogoutRedirectUris: [], secret: `file:clients/${clientId}` };
    await this.act(client, clientStream(clientId), { type: 'DescribeClient', data: { ...data, ...(brandId && { brandId }) } });
  }

  /** Ida of fjord, unless told otherwise. */
  register(customerId: string = exampleIds.ida, { kind = 'full', brandId = 'fjord', contact = idaHolm }: NewCustomer = {}): Promise<Handled> {
    const data = { kind, brandId, language: 'da' as const, contact, ...(kind === 'full' && { emailClaim: `claim-of-${customerId}` }) };
    return this.act(customer, customerStream(customerId), { type: 'RegisterCustomer', data });
  }

  grant(customerId: string, purposeId: string, noticeVersion = 1, brandId = 'fjord'): Promise<Handled> {
    const data = { brandId, purposeId, noticeVersion, currentNotice: noticeVersion, language: 'da', channel: 'web' };
    return this.act(consent, consentStream(customerId), { type: 'GrantConsent', data });
  }

  withdraw(customerId: string, purposeId: string, brandId = 'fjord'): Promise<Handled> {
    return this.act(consent, consentStream(customerId), { type: 'WithdrawConsent', data: { brandId, purposeId, channel: 'account' } });
  }

  join(customerId: string, brandId: string): Promise<Handled> {
    return this.act(customer, customerStream(customerId), { type: 'JoinBrand', data: { brandId } });
  }

  leave(customerId: string, brandId: string): Promise<Handled> {
    return this.act(customer, customerStream(customerId), { type: 'LeaveBrand', data: { brandId } });
  }

  suspend(customerId: string): Promise<Handled> {
    return this.act(customer, customerStream(customerId), { type: 'SuspendCustomer', data: { reason: 'abuse' } });
  }

  reinstate(customerId: string): Promise<Handled> {
    return this.act(customer, customerStream(customerId), { type: 'ReinstateCustomer', data: {} });
  }

  freeze(customerId: string, caseId = 'case-1'): Promise<Handled> {
    return this.act(customer, customerStream(customerId), { type: 'FreezeCustomer', data: { caseId } });
  }

  /** The customer's last event; keys and other streams are for the test to see to. */
  async erase(customerId: string, caseId = 'case-1'): Promise<Handled> {
    await this.freeze(customerId, caseId);
    return this.act(customer, customerStream(customerId), { type: 'EraseCustomer', data: { caseId } });
  }

  async #purpose(id: string, basis: 'consent' | 'legal-obligation', notices: number): Promise<void> {
    const texts = (version: number) => ({ da: `${id}, tekst ${version}`, en: `${id}, text ${version}` });
    const versions = Array.from({ length: notices }, (_, n) => ({ type: 'PublishNotice' as const, data: { version: n + 1, texts: texts(n + 1) } }));
    const defined = { type: 'DefinePurpose' as const, data: { basis, brands: ['fjord', 'lund'], title: { da: `${id} (da)`, en: `${id} (en)` } } };
    await this.act(purpose, purposeStream(id), defined, ...versions);
  }
}

type Untimed<C> = C extends unknown ? Omit<C, 'at'> : never;
