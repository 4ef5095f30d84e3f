import { beforeEach, describe, expect, it } from '@jest/globals';
import { CachedKeyRing } from './key-ring.cached.js';
import { MemoryEventStore } from './memory/event-store.memory.js';
import { MemoryKeyRing } from './memory/key-ring.memory.js';
import { MemoryViews } from './memory/views.memory.js';
import { byKey, type Projection } from './projection.js';
import { runProjection } from './projection.runner.js';
import { sealingViews } from './sealing-views.js';
import type { View, ViewDefinition, Views } from './views.port.js';

interface Person {
  readonly email: string;
  readonly city?: string;
}

const people: ViewDefinition<Person> = { name: 'people@1', indexes: { city: ({ city }) => city }, personal: { group: 'contact', customerOf: (id) => id.split(':')[0]! } };

describe('views with personal documents', () => {
  let below: MemoryViews;
  let keys: CachedKeyRing;
  let views: Views;
  let view: View<Person>;
  const kept = async () => (await (await below.open<Record<string, unknown>>({ name: 'people@1' })).list()).documents;
  beforeEach(async () => {
    below = new MemoryViews();
    keys = new CachedKeyRing(new MemoryKeyRing());
    views = sealingViews(below, keys);
    view = await views.open(people);
  });

  it('keep nothing in the open but ids, revisions and index values', async () => {
    await view.put('ida:1', { email: 'ida@example.org', city: 'hash-of-aarhus' }, { revision: 'r1' });
    expect(await kept()).toEqual([{ id: 'ida:1', revision: 'r1', value: { sealed: expect.any(String), index: { city: ['hash-of-aarhus'] } } }]);
    expect(JSON.stringify(await kept())).not.toContain('example.org');
    expect((await view.find('city', 'hash-of-aarhus')).documents).toEqual([{ id: 'ida:1', revision: 'r1', value: { email: 'ida@example.org', city: 'hash-of-aarhus' } }]);
  });

  it('leave views without personal documents as they are', async () => {
    await (await views.open<Person>({ name: 'people@1' })).put('1', { email: 'in the open' });
    expect((await kept())[0]?.value).toEqual({ email: 'in the open' });
  });

  it('show nobody who was erased, and delete what is left of them when somebody comes across it', async () => {
    for (const id of ['bo:1', 'ida:1', 'ida:2', 'ida:3']) await view.put(id, { email: id, city: 'x' }, { revision: 'r1' });
    await keys.destroy('ida', 'contact');
    expect([await view.get('ida:1'), await view.getEach(['ida:2'])]).toEqual([undefined, []]);
    expect((await kept()).map(({ id }) => id)).toEqual(['bo:1', 'ida:3']);
    const first = await view.find('city', 'x', { limit: 1 });
    expect(first.documents.map(({ id }) => id)).toEqual(['bo:1']);
    expect(await view.find('city', 'x', { limit: 1, cursor: first.next! })).toEqual({ documents: [] });
    expect((await kept()).map(({ id }) => id)).toEqual(['bo:1']);
  });

  it('take nothing more of who was erased, and call that no conflict', async () => {
    await view.put('ida:1', { email: 'a' }, { revision: 'r1' });
    await keys.destroy('ida', 'contact');
    await view.put('ida:2', { email: 'b' }, { replaces: 'r0' });
    expect(await view.write([{ id: 'ida:1', value: { email: 'c' }, revision: 'r2', replaces: 'r1' }, { id: 'ida:3', value: undefined, revision: 'r2', replaces: 'r1' }, { id: 'bo:1', value: undefined, revision: 'r2', replaces: 'r1' }])).toEqual(['bo:1']);
    expect(await kept()).toEqual([]);
  });

  it('open nothing that was moved, and take a key that was never here for a fault, not for an erasure', async () => {
    await view.put('ida:1', { email: 'a' });
    await view.put('ida:2', { email: 'b' });
    const underneath = await below.open<object>({ name: 'people@1' });
    await underneath.put('ida:1', (await underneath.get('ida:2'))!.value);
    await expect(view.get('ida:1')).rejects.toMatchObject({ name: 'IntegrityError' });
    await underneath.put('eva:1', (await underneath.get('ida:2'))!.value);
    await expect(view.get('eva:1')).rejects.toMatchObject({ name: 'IntegrityError' });
  });

  it('let a projection go through the history of somebody who is erased in the middle of it', async () => {
    const store = new MemoryEventStore();
    const projection: Projection<Person> = {
      ...people, categories: ['person'], document: byKey,
      next: (current, { type, data }) => (type === 'Erased' ? undefined : type === 'Registered' ? (data as Person) : current && { ...current, ...(data) }),
    };
    let n = 0;
    const say = (key: string, type: string, data = {}) => store.append([{
      stream: `person-${key}`, expected: 'any',
      events: [{ id: `${n++}`, type, data, metadata: { commandId: '1', correlationId: '1', causationId: '1', actorKind: 'system', actorId: 'test', recordedAt: '2026-03-01T12:00:00.000Z', schemaVersion: '1' } }],
    }]);
    const following = runProjection({ store, views }, projection);
    await say('ida', 'Registered', { email: 'ida@example.org' });
    await say('bo', 'Registered', { email: 'bo@example.org' });
    await following.waitFor((await say('ida', 'Moved', { city: 'x' })).position, 1000);
    expect((await view.get('ida'))?.value).toEqual({ email: 'ida@example.org', city: 'x' });
    await keys.destroy('ida', 'contact');
    await following.waitFor((await say('ida', 'Moved', { city: 'y' })).position, 1000);
    await following.waitFor((await say('ida', 'Erased')).position, 1000);
    const { position } = await say('bo', 'Moved', { city: 'z' });
    expect(await following.waitFor(position, 1000)).toBe(true);
    expect((await kept()).map(({ id }) => id)).toEqual(['bo']);
    expect([following.parkedCount, following.lastError]).toEqual([0, undefined]);
    await following.stop();
  });
});
