import { describe, expect, it } from '@jest/globals';
import { checkBroker } from './kafka-broker.checker.js';
import type { Read } from './kafka.clusters.js';
import type { Fact } from './scenario.js';

const message = (number: number) => ({ key: 'one', id: `id-${number}`, value: `{"number":${number}}` });
const attempt = (number: number): Fact => ({ is: 'attempt', ...message(number) });
const acknowledged = (number: number, at: number): Fact => ({ is: 'acknowledged', key: 'one', number, at });
const handled = (number: number, at: number): Fact => ({ is: 'handled', key: 'one', number, at });
const couldGoOn: Fact = { is: 'could-go-on', at: 1_000 };

const read = (...numbers: number[]): Read[] =>
  numbers.map(message).map(({ key, id, value }, place) => ({ partition: 0, offset: String(place), key, value, headers: { ce_id: id } }));

const sent = [attempt(1), attempt(2), attempt(3)];
const answered = [acknowledged(1, 900), handled(1, 950), couldGoOn, acknowledged(2, 5_000), handled(2, 5_050), acknowledged(3, 5_100), handled(3, 5_150)];
const complaints = (facts: readonly Fact[], topic: readonly Read[]): readonly string[] => checkBroker(facts, topic).complaints;

describe('the checker of brokers that go and come', () => {
  it('has nothing to say when all is well, also of what comes again', () => {
    expect(checkBroker([...sent, ...answered], read(1, 2, 1, 2, 3))).toMatchObject({ complaints: [], figures: { 'of them again': 2, 'ms until all went on, at most': 4_050 } });
    expect(complaints([...sent, ...answered, handled(2, 5_200)], read(1, 2, 3))).toEqual([]);
  });

  it('misses what is not on the topic, and sees what is out of order there', () => {
    expect(complaints([...sent, ...answered], read(1, 2))).toEqual(['one: 1 messages are missing at the end']);
    expect(complaints([...sent, ...answered], read(1, 3))).toEqual(['one, message at 0/1: number 2 comes where 1 is due', 'one: 2 messages are missing at the end']);
    expect(complaints([...sent, ...answered], read(1, 3, 2, 3))).toEqual(['one, message at 0/1: number 2 comes where 1 is due']);
  });

  it('sees what nobody has sent, and what comes again with other bytes', () => {
    expect(complaints([...sent, ...answered], [...read(1, 2, 3), ...read(4)])).toEqual(['one, message at 0/0: nobody has sent this id']);
    expect(complaints([...sent, ...answered], [...read(1, 2, 3), { ...read(2)[0]!, value: '{}' }])).toEqual(['one, message at 0/0: says {} in place of {"number":2}']);
  });

  it('misses what was not handled, and sees what was handled too early', () => {
    expect(complaints([...sent, ...answered.slice(0, -1)], read(1, 2, 3))).toEqual(['one: 1 messages were never handled']);
    expect(complaints([...sent, ...answered.filter((fact) => fact['number'] !== 2 || fact.is !== 'handled')], read(1, 2, 3))).toEqual(['one: 3 was handled where 2 was due']);
  });

  it('sees who went on too late, or never, callers and the group alike', () => {
    const late = (is: string): Fact[] => answered.map((fact) => (fact.is === is && fact['number'] !== 1 ? { ...fact, at: Number(fact['at']) + 7_000 } : fact));
    expect(complaints([...sent, ...late('acknowledged')], read(1, 2, 3))).toEqual(['It went on 11.0 s after it could, not within 10 s']);
    expect(complaints([...sent, ...late('handled')], read(1, 2, 3))).toEqual(['It went on 11.1 s after it could, not within 10 s']);
    expect(complaints([...sent, ...answered.filter((fact) => fact['number'] === 1 || fact.is !== 'acknowledged')], read(1, 2, 3))).toEqual(['It went on Infinity s after it could, not within 10 s']);
  });
});
