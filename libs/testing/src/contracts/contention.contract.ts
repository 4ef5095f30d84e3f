import { describe, expect, it } from '@jest/globals';
import { claim, claimStream, consent, type ConsentCommand, consentStream, customer, customerStream } from '@kendt/domain';
import { decision, deterministicId, type EventStore, handle, readAll, remembering, StateCache, type StoredEvent } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { type ContractOptions, type Open, type Subject, subjectOf } from './opened.js';

const at = '2026-03-01T12:00:00.000Z';
const crowd = 1000;

/** What commands get that want the same thing at once, through `handle` on this store. A test of the pair. */
export const contentionContract = (name: string, open: Open<EventStore>, { durable = false }: ContractOptions = {}): void => {
  describe(`${name} in a crowd`, () => {
    const subject = subjectOf(open);

    it('gives one of 1,000 registrations with one e-mail the address', async () => {
      await registerAll([remembering(subject.port, new StateCache())]);
    });

    it('gives one of 1,000 registrations with one e-mail the address, over two processes', async () => {
      await registerAll(await twoProcesses(subject, durable));
    });

    it('answers each of 1,000 changes of one customer’s consents, and the history is legal', async () => {
      const outcomes = await changeAll([remembering(subject.port, new StateCache())]);
      expect(outcomes.filter((outcome) => outcome !== 'done')).toEqual([]);
      await expectLegal(subject.port, crowd);
    });

    it('answers each of 1,000 changes over two processes: done, or to be tried again; the history holds what was done', async () => {
      const outcomes = await changeAll(await twoProcesses(subject, durable));
      expect(new Set(outcomes)).toEqual(new Set(outcomes.includes('CONCURRENT_CHANGE') ? ['done', 'CONCURRENT_CHANGE'] : ['done']));
      await expectLegal(subject.port, outcomes.filter((outcome) => outcome === 'done').length);
    });
  });
};

/** Each with its own turns and its own memory, as processes have. */
const twoProcesses = async (subject: Subject<EventStore>, durable: boolean): Promise<EventStore[]> => {
  const stores = [elsewhere(subject.port), durable ? await subject.another() : elsewhere(subject.port)];
  return stores.map((store) => remembering(store, new StateCache()));
};

const elsewhere = (store: EventStore): EventStore => ({
  append: (appends) => store.append(appends),
  read: (stream, options) => store.read(stream, options),
  subscribe: (options) => store.subscribe(options),
  close: () => store.close(),
});

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Refusal ? error.code : Promise.reject(error as Error)),
  );

const contextOf = (commandId: string) => ({ commandId, actor: { kind: 'system', id: 'contract' } as const });

const registerAll = async (stores: readonly EventStore[]): Promise<void> => {
  const ids = Array.from({ length: crowd }, (_, n) => deterministicId('crowd', String(n)));
  const outcomes = await Promise.all(ids.map((id, n) => outcomeOf(register(stores[n % stores.length]!, id))));
  const [winner, ...others] = ids.filter((_, n) => outcomes[n] === 'done');
  expect(others).toEqual([]);
  expect(new Set(outcomes.filter((outcome) => outcome !== 'done'))).toEqual(new Set(['IDENTIFIER_TAKEN']));
  expect((await readAll(stores[0]!, claimStream('one-address'))).map(({ data }) => data)).toEqual([{ customerId: winner, claimedAt: at }]);
  const registered = await Promise.all(ids.map((id) => readAll(stores[0]!, customerStream(id))));
  expect(registered.flat().map(({ stream }) => stream)).toEqual([customerStream(winner!)]);
};

const register = (store: EventStore, customerId: string): Promise<unknown> => {
  const data = { kind: 'full', brandId: 'fjord', language: 'da', contact: {}, emailClaim: 'one-address' } as const;
  const decisions = [
    decision(customer, customerStream(customerId), { type: 'RegisterCustomer', at, data }),
    decision(claim, claimStream('one-address'), { type: 'ClaimIdentifier', at, data: { customerId } }),
  ];
  return handle(store, decisions, contextOf(deterministicId('register', customerId)), at);
};

const ida = consentStream('ida');

const answer = (n: number): ConsentCommand => {
  const asked = { brandId: 'fjord', purposeId: `purpose-${Math.floor(n / 400)}`, channel: 'web' };
  const shown = { noticeVersion: 1, currentNotice: 1, language: 'da' };
  const type = (['GrantConsent', 'WithdrawConsent', 'RefuseConsent'] as const)[n % 3]!;
  return type === 'WithdrawConsent' ? { type, at, data: asked } : { type, at, data: { ...asked, ...shown } };
};

const commandIdOf = (n: number): string => deterministicId('answer', String(n));

const changeAll = (stores: readonly EventStore[]): Promise<string[]> =>
  Promise.all(Array.from({ length: crowd }, (_, n) => outcomeOf(handle(stores[n % stores.length]!, [decision(consent, ida, answer(n))], contextOf(commandIdOf(n)), at))));

/** Replayed one by one: each event is what its command decides at just this place, and no command has two places. */
const expectLegal = async (store: EventStore, answered: number): Promise<void> => {
  const commands = new Map(Array.from({ length: crowd }, (_, n) => [commandIdOf(n), answer(n)]));
  const history = await readAll(store, ida);
  let state = consent.initialState;
  for (const { type, data, metadata } of history) {
    expect(consent.decide(commands.get(metadata.commandId)!, state)).toEqual([{ type, data }]);
    commands.delete(metadata.commandId);
    state = consent.evolve(state, { type, data } as Parameters<typeof consent.evolve>[1]);
  }
  expectInOrder(history);
  expect(history.length).toBeGreaterThan(crowd / 10);
  expect(history.length).toBeLessThanOrEqual(answered);
};

const expectInOrder = (history: readonly StoredEvent[]): void => {
  expect(history.map(({ revision }) => revision)).toEqual(history.map((_, n) => n));
  expect(history.map(({ position }) => position)).toEqual(history.map(({ position }) => position).sort());
};
