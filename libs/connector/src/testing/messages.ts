import { type ConsentChanged, type CustomerProfile, type Message, toMessage, topics } from '@kendt/contracts';

export const at = '2026-03-01T09:30:00.000Z';

/** Messages as Kendt sends them, about customers who exist nowhere. Each has an id of its own unless one is given. */
export class Messages {
  private sent = 0;

  constructor(
    private readonly system: string,
    private readonly brand: string,
  ) {}

  profile(customerId: string, change: Partial<CustomerProfile> & Record<string, unknown> = {}, id?: string): Message {
    const data = { customerId, brandId: this.brand, kind: 'full', email: `${customerId}@example.org`, emailVerified: true, name: { given: 'Ida', family: 'Holm' }, language: 'da', consents: [], ...change };
    return this.message(topics.profiles(this.brand), 'kendt.profile.changed.v1', customerId, data, id);
  }

  /** A guest at the till: no name, no address. */
  guest(customerId: string): Message {
    const data = { customerId, brandId: this.brand, kind: 'guest', emailVerified: false, language: 'da', consents: [] };
    return this.message(topics.profiles(this.brand), 'kendt.profile.changed.v1', customerId, data);
  }

  gone(customerId: string, id?: string): Message {
    return this.message(topics.profiles(this.brand), 'kendt.profile.changed.v1', customerId, null, id);
  }

  consent(customerId: string, state: 'granted' | 'withdrawn', change: Partial<ConsentChanged> & Record<string, unknown> = {}, id?: string): Message {
    const data = { customerId, at, brandId: this.brand, purposeId: 'newsletter', ...change };
    return this.message(topics.consents, `kendt.consent.${state}.v1`, customerId, data, id);
  }

  task(customerId: string, id?: string, systemId = this.system): Message {
    const data = { taskId: `task-${customerId}`, caseId: `case-${customerId}`, customerId, systemId, kind: 'erase', issuedAt: at, dueAt: at };
    return this.message(topics.erasureTasks, 'kendt.erasure.task-issued.v1', customerId, data, id);
  }

  /** Of a type that is not there yet. */
  ofTomorrow(customerId: string): Message {
    return this.message(topics.profiles(this.brand), 'kendt.profile.changed.v2', customerId, { customerId, name: 'Ida' });
  }

  private message(topic: string, type: string, key: string, data: object | null, id = `event-${++this.sent}`): Message {
    return toMessage({ topic, type, key, source: `urn:kendt:test:${topic}`, id, time: at, sequence: String(this.sent).padStart(16, '0'), data });
  }
}
