import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import { consent, type ConsentEvent, consentKey, consentStream } from '@kendt/domain';
import { randomId, readAll } from '@kendt/eventsourcing';
import type { Caller } from '@kendt/nest';
import { type Answered, AnswerConsentCommand } from './answer-consent.handler.js';
import { type ConsentTest, ida, startConsent } from './consent.examples.js';

const shop: Caller = { kind: 'client', clientId: 'fjord-web', brand: 'fjord', channel: 'web', scopes: ['consents:write'] };
const shown = { noticeVersion: 1, language: 'da' as const };
const answers = [{ answer: 'granted' as const, ...shown }, { answer: 'withdrawn' as const }, { answer: 'refused' as const, ...shown }];

describe('1,000 answers of one customer at once', () => {
  let service: ConsentTest;
  beforeAll(async () => (service = await startConsent()));
  afterAll(() => service.close());

  const answer = (n: number): Promise<Answered> => {
    const context = { commandId: randomId(), actor: { kind: 'client' as const, id: shop.clientId } };
    return service.app.get(CommandBus).execute(new AnswerConsentCommand(ida, 'newsletter', answers[n % 3]!, shop, context));
  };

  it('are all taken; the history is legal, and each receipt is of its own answer', async () => {
    const answered = await Promise.all(Array.from({ length: 1000 }, (_, n) => answer(n)));
    const history = (await readAll(service.store, consentStream(ida))) as unknown as (ConsentEvent & { id: string })[];
    expect(history.length).toBeGreaterThan(300);
    expect(statusesOf(history).filter(({ type, before, after }) => before === after || (type === 'ConsentWithdrawn' && before !== 'granted'))).toEqual([]);
    expect([...new Set(answered.flatMap(({ standing }) => standing?.eventId ?? []))].sort()).toEqual(history.map(({ id }) => id).sort());
    const wanted = answered.flatMap(({ standing }, n) => (standing ? [[standing.state, answers[n % 3]!.answer]] : []));
    expect(wanted.filter(([state, asked]) => state !== asked && asked !== 'withdrawn')).toEqual([]);
  });
});

/** What each event found, and what it made of it. */
const statusesOf = (history: readonly ConsentEvent[]) => {
  let state = consent.initialState;
  return history.map((event) => {
    const before = state[consentKey('fjord', 'newsletter')]?.status;
    state = consent.evolve(state, event);
    return { type: event.type, before, after: state[consentKey('fjord', 'newsletter')]?.status };
  });
};
