import { Inject, Injectable } from '@nestjs/common';
import type { AuditEvent, AuditQuery } from '@kendt/contracts';
import {
  access, accessStream, consentStream, credentialStream, customer, type CustomerEvent, customerStream, type ErasureEvent, erasureStream, holdingsStream, isLiving, loginStream, purchasesStream,
} from '@kendt/domain';
import { type Clock, type CommandContext, decision, type EventStore, handle, type KeyRing, readAll, START, type StoredEvent, timestamp } from '@kendt/eventsourcing';
import { fold, Refusal } from '@kendt/kernel';
import { type Caller, CLOCK, closedEvents, EVENT_STORE, KEY_RING, Problem, SEALED_EVENTS } from '@kendt/nest';
import { AuditStreams } from './audit-streams.projection.js';
import { isWanted, merged, personalMarks, toAuditEvent } from './replay.js';

const streamsNamedAfter = [customerStream, credentialStream, loginStream, consentStream, purchasesStream, holdingsStream, accessStream];

/**
 * Tells what happened, from the events as they are stored: nothing is opened on the way, and none is brought into another shape
 * than it was written with. What is decided here is decided on today's shape, like everywhere.
 */
@Injectable()
export class Replays {
  readonly #closed: EventStore;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(SEALED_EVENTS) private readonly sealed: EventStore,
    @Inject(KEY_RING) private readonly keys: KeyRing,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(AuditStreams) private readonly streams: AuditStreams,
  ) {
    this.#closed = closedEvents(sealed);
  }

  /**
   * Whose history is told is recorded with that customer before the first line is given out.
   * @throws Refusal CUSTOMER_NOT_FOUND, ERASURE_NOT_FOUND; Problem BRAND_TOO_NARROW
   */
  async open(query: AuditQuery, caller: Caller, context: CommandContext): Promise<AsyncIterable<AuditEvent>> {
    const about = query.case ? await this.#customerOf(query.case) : query.customer;
    if (query.case && query.customer && about !== query.customer) throw erasureNotFound();
    if (about) await this.#recordViewing(about, caller, context);
    else if (caller.brand) throw new Problem(403, 'BRAND_TOO_NARROW', 'A client of one brand names the customer or the case');
    return this.#lines(query);
  }

  async *#lines(query: AuditQuery): AsyncIterable<AuditEvent> {
    const wanted = isWanted(query);
    const marks = personalMarks(this.keys);
    let given = 0;
    for await (const event of await this.#history(query)) {
      if (!wanted(event)) continue;
      yield toAuditEvent(event, await marks(event));
      if (++given === query.limit) return;
    }
  }

  async #history({ customer: customerId, case: caseId, system }: AuditQuery): Promise<AsyncIterable<StoredEvent>> {
    if (caseId) return this.sealed.read(erasureStream(caseId));
    if (!customerId) return this.#everything(system ? ['system', 'erasure', 'holdings'] : []);
    const named = streamsNamedAfter.map((stream) => stream(customerId));
    return merged([...named, ...(await this.streams.of(customerId))].map((stream) => this.sealed.read(stream)));
  }

  /** Up to now: what is appended while the replay is read is not waited for. */
  async *#everything(categories: readonly string[]): AsyncIterable<StoredEvent> {
    const done = new AbortController();
    try {
      for await (const batch of this.sealed.subscribe({ after: START, categories, signal: done.signal })) {
        yield* batch.events;
        if (batch.caughtUp) return;
      }
    } finally {
      done.abort();
    }
  }

  async #customerOf(caseId: string): Promise<string> {
    const [first] = (await readAll(this.#closed, erasureStream(caseId), { limit: 1 })) as readonly StoredEvent[] as unknown as readonly ErasureEvent[];
    if (first?.type !== 'ErasureRequested') throw erasureNotFound();
    return first.data.customerId;
  }

  /** Nobody can be told any more once erased; until then the customer sees who has looked. */
  async #recordViewing(customerId: string, { brand, clientId }: Caller, context: CommandContext): Promise<void> {
    const events = (await readAll(this.#closed, customerStream(customerId))) as readonly StoredEvent[] as unknown as readonly CustomerEvent[];
    const last = fold(customer, events.filter(({ type }) => type !== 'CustomerErased'));
    if (!isLiving(last) || (brand && !last.brands.includes(brand))) throw new Refusal('CUSTOMER_NOT_FOUND', 'No such customer', 'not-found');
    if (fold(customer, events).status === 'erased') return;
    const at = timestamp(this.clock);
    const data = { clientId, role: 'compliance', reason: 'audit', ...(brand && { brandId: brand }), fields: ['history'] };
    await handle(this.store, [decision(access, accessStream(customerId), { type: 'RecordViewing', at, data })], context, at);
  }
}

const erasureNotFound = (): Refusal => new Refusal('ERASURE_NOT_FOUND', 'No such erasure case', 'not-found');
