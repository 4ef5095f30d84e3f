import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type AnyEvent, type Decider, erased, upcast } from '@kendt/kernel';
import * as domain from './index.js';

// Fields and hashes of the samples are checked against the types by tools/check-events.mjs.
const folder = join(import.meta.dirname, '../golden');

const order = (type: string): number => Object.keys(domain.upcasters).indexOf(type);

const samples = readdirSync(folder)
  .flatMap((file) => {
    const [, type, version] = /^(\w+)\.v(\d+)\.(?:.*\.)?json$/.exec(file) ?? [];
    return type && version ? [{ file, type, version: Number(version), event: JSON.parse(readFileSync(join(folder, file), 'utf8')) as AnyEvent }] : [];
  })
  .sort((a, b) => order(a.type) - order(b.type));

type AnyDecider = Decider<never, AnyEvent, unknown>;
const isDecider = (value: unknown): value is AnyDecider => typeof value === 'object' && value !== null && 'evolve' in value;
const deciders = Object.entries(domain).flatMap(([name, decider]) => (isDecider(decider) ? [{ name, decider }] : []));

const withoutPersonal = ({ personal, ...event }: AnyEvent): AnyEvent => ({
  ...event,
  ...(personal && { personal: Object.fromEntries(Object.keys(personal).map((group) => [group, erased])) }),
});

/** A life of each aggregate: the samples in the order in which its events are declared. */
describe('the golden events', () => {
  it.each(samples)('$file is named after what it holds', ({ type, event }) => {
    expect(event.type).toBe(type);
    expect(domain.upcasters).toHaveProperty(type);
  });

  it.each(deciders)('leads $name through a life, in every version, opened and erased', ({ decider }) => {
    let [opened, closed] = [decider.initialState, decider.initialState];
    for (const { event, version } of samples) {
      const today = frozen(upcast(frozen(event), version, domain.upcasters));
      [opened, closed] = [decider.evolve(opened, today), decider.evolve(closed, withoutPersonal(today))];
      for (const state of [opened, closed]) expect(holes(state)).toEqual([]);
    }
  });
});

/** Where a state has a field without a value: evolve has looked for something that the event does not say. */
const holes = (value: unknown, path = 'state'): string[] => {
  if (value === undefined || Number.isNaN(value)) return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => holes(part, `${path}.${name}`));
};

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};
