import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryViews } from './memory/views.memory.js';
import { project } from './projection.js';
import type { View } from './views.port.js';

describe('projecting an event onto a document', () => {
  let view: View<Counted>;
  beforeEach(async () => {
    view = await new MemoryViews().open<Counted>({ name: 'counted@1' });
  });

  const apply = (position: string) => project(view, 'ida', { position }, (current) => ({ count: (current?.count ?? 0) + 1 }));
  const count = async () => (await view.get('ida'))?.value.count;

  it('makes the document, then changes it', async () => {
    await apply('01');
    await apply('02');
    expect(await count()).toBe(2);
  });

  it('has no effect when the event comes again, or one from before it', async () => {
    await apply('02');
    await apply('02');
    await apply('01');
    expect(await count()).toBe(1);
  });

  it('loses nothing when two write at once', async () => {
    await Promise.all([project(view, 'ida', { position: '01' }, () => ({ count: 1 })), project(view, 'bo', { position: '01' }, () => ({ count: 1 }))]);
    await Promise.all([apply('02'), apply('03')]);
    expect([2, 3]).toContain(await count());
    expect((await view.get('ida'))?.revision).toBe('03');
  });

  it('deletes when there is nothing left to show', async () => {
    await apply('01');
    await project(view, 'ida', { position: '02' }, () => undefined);
    expect(await count()).toBeUndefined();
  });
});

interface Counted {
  readonly count: number;
}
