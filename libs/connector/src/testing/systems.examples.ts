import { connect } from '../connector.js';
import type { ConsentNews, CustomerChange } from '../connector.options.js';
import { type ErasureAnswer, erased, notHeld } from '../erasure-answer.js';
import type { Given, SystemUnderTest } from './system.js';

/* For tests of the kit: a small system that does everything right, and ways to get it wrong. */

interface Customer {
  email?: string;
  readonly consents: Record<string, string>;
}

export class SmallSystem implements SystemUnderTest {
  protected readonly customers = new Map<string, Customer>();
  protected readonly answers = new Map<string, ErasureAnswer>();

  connect({ topics, store }: Given) {
    return connect({ system: 'small', topics, store, brands: ['fjord'], tries: 2, backoffMs: 1, onError: () => undefined })
      .onCustomer((change) => this.customer(change))
      .onConsent((consent) => this.consent(consent))
      .onErasure((task) => this.erase(task));
  }

  holds(customerId: string): unknown {
    return structuredClone(this.customers.get(customerId));
  }

  protected customer(change: CustomerChange): void {
    if (change.kind === 'gone') this.customers.delete(change.customerId);
    else this.customers.set(change.customerId, { consents: {}, ...this.customers.get(change.customerId), ...(change.profile.email !== undefined && { email: change.profile.email }) });
  }

  protected consent({ customerId, purposeId, state }: ConsentNews): void {
    const customer = this.customers.get(customerId);
    if (customer) customer.consents[purposeId] = state;
  }

  protected erase({ customerId, taskId }: { customerId: string; taskId: string }): ErasureAnswer {
    const answer = this.answers.get(taskId) ?? (this.customers.delete(customerId) ? erased() : notHeld());
    this.answers.set(taskId, answer);
    return answer;
  }
}
