import { describe, expect, it } from '@jest/globals';
import { type Document, type Page, type PageOptions, type View, ViewConflict, type ViewDefinition, type Views } from '@kendt/eventsourcing';
import { type ContractOptions, eventually, type Open, rejection, subjectOf } from './opened.js';

interface Lamp {
  readonly name: string;
  readonly colours?: readonly string[];
  readonly due?: string;
}

const lamps: ViewDefinition<Lamp> = {
  name: 'lamps@1',
  indexes: { colour: ({ colours }) => colours, due: ({ due }) => due, name: ({ name }) => name },
};

const ids = ({ documents }: Page<Lamp>): string[] => documents.map(({ id }) => id);

const everyPage = async (read: (page: PageOptions) => Promise<Page<Lamp>>, limit: number, between?: () => Promise<void>): Promise<Document<Lamp>[]> => {
  const documents: Document<Lamp>[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 100; pages++) {
    const page = await read({ limit, ...(cursor !== undefined && { cursor }) });
    documents.push(...page.documents);
    if (page.next === undefined) return documents;
    cursor = page.next;
    await between?.();
  }
  throw new Error('The pages never end');
};

/** What every store of views promises. */
export const viewsContract = (name: string, open: Open<Views>, { durable = false }: ContractOptions = {}): void => {
  describe(`${name} as Views`, () => {
    const subject = subjectOf(open);
    const view = (definition: ViewDefinition<Lamp> = lamps): Promise<View<Lamp>> => subject.port.open(definition);

    it('keeps a document under its id, and gives undefined for a missing one', async () => {
      const opened = await view();
      await opened.put('1', { name: 'Lygte', colours: ['rød'] }, { revision: 'r1' });
      expect(await opened.get('1')).toEqual({ id: '1', value: { name: 'Lygte', colours: ['rød'] }, revision: 'r1' });
      expect(await opened.get('2')).toBeUndefined();
    });

    it('replaces whatever stands there unless told otherwise, and makes up a new revision each time', async () => {
      const opened = await view();
      await opened.put('1', { name: 'a' });
      const first = await opened.get('1');
      await opened.put('1', { name: 'b' });
      const second = await opened.get('1');
      expect(second?.value).toEqual({ name: 'b' });
      expect(second?.revision).not.toBe(first?.revision);
    });

    it('is not changed by what callers do to their objects', async () => {
      const opened = await view();
      const value = { name: 'a', colours: ['red'] };
      await opened.put('1', value);
      value.colours.push('blue');
      ((await opened.get('1'))!.value.colours as string[]).push('green');
      expect((await opened.get('1'))?.value.colours).toEqual(['red']);
    });

    it('puts only over the revision that must stand there', async () => {
      const opened = await view();
      await opened.put('1', { name: 'a' }, { revision: 'r1' });
      await opened.put('1', { name: 'b' }, { revision: 'r2', replaces: 'r1' });
      const conflict = await rejection(opened.put('1', { name: 'c' }, { replaces: 'r1' }));
      expect(conflict).toBeInstanceOf(ViewConflict);
      expect(conflict).toMatchObject({ view: 'lamps@1', id: '1' });
      expect(await rejection(opened.put('2', { name: 'c' }, { replaces: 'r1' }))).toBeInstanceOf(ViewConflict);
      expect((await opened.get('1'))?.value).toEqual({ name: 'b' });
      expect(await opened.get('2')).toBeUndefined();
    });

    it('puts with `replaces: null` only what is not there', async () => {
      const opened = await view();
      await opened.put('1', { name: 'a' }, { replaces: null });
      expect(await rejection(opened.put('1', { name: 'b' }, { replaces: null }))).toBeInstanceOf(ViewConflict);
      await opened.delete('1');
      await opened.put('1', { name: 'c' }, { replaces: null });
      expect((await opened.get('1'))?.value).toEqual({ name: 'c' });
    });

    it('lets exactly one of many guarded writers win', async () => {
      const opened = await view();
      await opened.put('1', { name: 'a' }, { revision: 'r1' });
      const results = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => opened.put('1', { name: `${n}` }, { replaces: 'r1' })));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('deletes, and a missing document is no error', async () => {
      const opened = await view();
      await opened.put('1', { name: 'a', colours: ['red'] });
      await opened.delete('1');
      await opened.delete('1');
      expect(await opened.get('1')).toBeUndefined();
      expect(ids(await opened.find('colour', 'red'))).toEqual([]);
      expect(ids(await opened.list())).toEqual([]);
    });

    it('finds by a single value, by each of several, and not by one that is gone', async () => {
      const opened = await view();
      await opened.put('2', { name: 'b', colours: ['red'] });
      await opened.put('1', { name: 'a', colours: ['blue', 'red', 'red'] });
      await opened.put('3', { name: 'c' });
      expect(ids(await opened.find('colour', 'red'))).toEqual(['1', '2']);
      expect(ids(await opened.find('colour', 'blue'))).toEqual(['1']);
      expect(ids(await opened.find('colour', 're'))).toEqual([]);
      expect(ids(await opened.find('name', 'c'))).toEqual(['3']);
      await opened.put('1', { name: 'a', colours: ['green'] });
      expect(ids(await opened.find('colour', 'red'))).toEqual(['2']);
    });

    it('finds everything up to and including a value, by value and then id, each document once', async () => {
      const opened = await view();
      for (const [id, due] of [['d', '2026-02'], ['c', '2026-01'], ['b', '2026-02'], ['a', '2026-03'], ['e', '']] as const) await opened.put(id, { name: id, due });
      await opened.put('f', { name: 'f' });
      expect(ids(await opened.find('due', { upTo: '2026-02' }))).toEqual(['e', 'c', 'b', 'd']);
      await opened.put('c', { name: 'c', colours: ['b', 'a'] });
      await opened.put('d', { name: 'd', colours: ['a', 'c', 'd'] });
      await opened.put('e', { name: 'e', colours: ['d', 'b'] });
      expect(ids(await opened.find('colour', { upTo: 'c' }))).toEqual(['c', 'd', 'e']);
      expect((await everyPage((page) => opened.find('colour', { upTo: 'c' }, page), 1)).map(({ id }) => id)).toEqual(['c', 'd', 'e']);
    });

    it('orders text by its UTF-8 bytes, as databases do', async () => {
      const opened = await view();
      for (const id of ['\u{1F6CB}', '\uFF5E', 'å', 'z', 'Z', '']) await opened.put(id, { name: id });
      expect(ids(await opened.list())).toEqual(['', 'Z', 'z', 'å', '\uFF5E', '\u{1F6CB}']);
      expect(ids(await opened.find('name', { upTo: '\uFF5E' }))).toEqual(['', 'Z', 'z', 'å', '\uFF5E']);
    });

    it('refuses to look by an index that was not declared', async () => {
      expect(await rejection((await view()).find('weight', '1'))).toMatchObject({ message: 'View lamps@1 has no index weight' });
    });

    it('lists page by page: 100 unless told, `next` absent on the last', async () => {
      const opened = await view();
      const all = Array.from({ length: 205 }, (_, n) => String(n).padStart(3, '0'));
      await Promise.all(all.map((id) => opened.put(id, { name: id, colours: ['red'] })));
      expect((await opened.list()).documents).toHaveLength(100);
      expect((await everyPage((page) => opened.list(page), 41)).map(({ id }) => id)).toEqual(all);
      expect((await everyPage((page) => opened.find('colour', 'red', page), 41)).map(({ id }) => id)).toEqual(all);
      expect(await opened.list({ limit: 205 })).not.toHaveProperty('next');
      expect(await opened.list({ limit: 204 })).toHaveProperty('next');
    });

    it('gives everything that stays exactly once while others come and go between the pages', async () => {
      const opened = await view();
      for (let n = 10; n < 40; n++) await opened.put(`${n}`, { name: `${n}`, colours: ['red'] });
      let round = 0;
      const churn = async (): Promise<void> => {
        await opened.put(`0${round}`, { name: 'before', colours: ['red'] });
        await opened.delete(`${10 + round++}`);
      };
      const seen = (await everyPage((page) => opened.find('colour', 'red', page), 7, churn)).map(({ id }) => id);
      expect(seen).toEqual([...new Set(seen)]);
      for (let n = 20; n < 40; n++) expect(seen).toContain(`${n}`);
    });

    it.each([{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { cursor: 'nonsense' }, { cursor: 'WzFd' }])('refuses the page %j', async (page) => {
      expect(await rejection((await view()).list(page))).toMatchObject({ name: 'Refusal', code: 'PAGE_INVALID', kind: 'invalid' });
    });

    it('no longer gives out a document from the moment it expires', async () => {
      const opened = await view();
      await opened.put('old', { name: 'old', colours: ['red'] }, { expiresAt: new Date(Date.now() - 1) });
      await opened.put('soon', { name: 'soon', colours: ['red'] }, { expiresAt: new Date(Date.now() + 150) });
      await opened.put('later', { name: 'later', colours: ['red'] }, { expiresAt: new Date(Date.now() + 60_000) });
      expect(await opened.get('old')).toBeUndefined();
      expect((await opened.get('soon'))?.value.name).toBe('soon');
      await eventually(async () => (await opened.get('soon')) === undefined, 'the document expires');
      expect(ids(await opened.find('colour', 'red'))).toEqual(['later']);
      expect(ids(await opened.list())).toEqual(['later']);
      await opened.put('soon', { name: 'anew' }, { replaces: null });
      await opened.put('later', { name: 'for ever' });
      expect(ids(await opened.list())).toEqual(['later', 'soon']);
    });

    it('writes many at once: each where its guard holds, and says where it does not', async () => {
      const opened = await view();
      await opened.put('1', { name: 'a', colours: ['red'] }, { revision: 'r1' });
      await opened.put('2', { name: 'b', colours: ['red'] }, { revision: 'r1' });
      const conflicts = await opened.write([
        { id: '1', value: { name: 'c', colours: ['blue'] }, revision: 'r2', replaces: 'r1' },
        { id: '2', value: undefined, revision: 'r2', replaces: 'r1' },
        { id: '3', value: { name: 'd', colours: ['red'] }, revision: 'r2', replaces: null },
        { id: '3', value: { name: 'e' }, revision: 'r3', replaces: null },
        { id: '1', value: undefined, revision: 'r3', replaces: 'r1' },
        { id: '4', value: { name: 'f' }, revision: 'r3', replaces: 'r1' },
      ]);
      expect(conflicts).toEqual(['3', '1', '4']);
      expect((await opened.list()).documents.map(({ id, value: { name }, revision }) => [id, name, revision])).toEqual([['1', 'c', 'r2'], ['3', 'd', 'r2']]);
      expect(ids(await opened.find('colour', 'red'))).toEqual(['3']);
      expect(ids(await opened.find('colour', 'blue'))).toEqual(['1']);
    });

    it('finds by what a later of many writes has changed, and goes on finding by what it has not', async () => {
      const opened = await view();
      const write = (revision: string, replaces: string | null, value: Lamp) => opened.write([{ id: '1', value, revision, replaces }]);
      await write('r1', null, { name: 'a', colours: ['red', 'blue'] });
      await write('r2', 'r1', { name: 'b', colours: ['blue', 'red'] });
      expect([ids(await opened.find('colour', 'red')), ids(await opened.find('name', 'a')), ids(await opened.find('name', 'b'))]).toEqual([['1'], [], ['1']]);
      await write('r3', 'r2', { name: 'b', colours: ['blue', 'green'] });
      expect([ids(await opened.find('colour', 'red')), ids(await opened.find('colour', 'green'))]).toEqual([[], ['1']]);
    });

    it('lets one of two who write many at once win each document', async () => {
      const opened = await view();
      const writes = (revision: string) => Array.from({ length: 20 }, (_, n) => ({ id: `${n}`, value: { name: revision }, revision, replaces: null }));
      const conflicts = await Promise.all([opened.write(writes('r1')), opened.write(writes('r2'))]);
      expect(conflicts.flat().sort()).toEqual(writes('r1').map(({ id }) => id).sort());
    });

    it('takes what has expired for missing when it writes', async () => {
      const opened = await view();
      await opened.put('1', { name: 'old', colours: ['red'] }, { revision: 'r1', expiresAt: new Date(Date.now() - 1) });
      expect(await opened.write([{ id: '1', value: { name: 'new' }, revision: 'r2', replaces: 'r1' }])).toEqual(['1']);
      expect(await opened.write([{ id: '1', value: { name: 'new' }, revision: 'r2', replaces: null }])).toEqual([]);
      expect((await opened.get('1'))?.value).toEqual({ name: 'new' });
    });

    it('gives those of many that are there', async () => {
      const opened = await view();
      await opened.put('1', { name: 'a' }, { revision: 'r1' });
      await opened.put('2', { name: 'b' }, { revision: 'r2' });
      await opened.put('old', { name: 'old' }, { expiresAt: new Date(Date.now() - 1) });
      const found = await opened.getEach(['2', 'missing', '1', 'old']);
      expect([...found].sort((a, b) => a.id.localeCompare(b.id))).toEqual([{ id: '1', value: { name: 'a' }, revision: 'r1' }, { id: '2', value: { name: 'b' }, revision: 'r2' }]);
      expect(await opened.getEach([])).toEqual([]);
    });

    it('counts, names what has documents, and drops a view without touching others', async () => {
      const [one, other] = [await view(), await view({ ...lamps, name: 'lamps@2' })];
      expect(await subject.port.names()).toEqual([]);
      await one.write(Array.from({ length: 450 }, (_, n) => ({ id: `${n}`, value: { name: 'a', colours: ['red'] }, revision: 'r1', replaces: null })));
      await one.put('old', { name: 'old' }, { expiresAt: new Date(Date.now() - 1) });
      await other.put('1', { name: 'b', colours: ['red'] });
      expect([await one.count(), await other.count(), await subject.port.names()]).toEqual([450, 1, ['lamps@1', 'lamps@2']]);
      await subject.port.drop('lamps@1');
      await subject.port.drop('lamps@3');
      expect([await one.count(), ids(await one.find('colour', 'red')), await subject.port.names()]).toEqual([0, [], ['lamps@2']]);
      expect(ids(await other.find('colour', 'red'))).toEqual(['1']);
    });

    it('keeps two views apart, and two openings of one together', async () => {
      const [one, same, other] = [await view(), await view(), await view({ ...lamps, name: 'lamps@2' })];
      await one.put('1', { name: 'a', colours: ['red'] });
      await other.put('1', { name: 'b', colours: ['red'] });
      await other.delete('1');
      expect((await same.get('1'))?.value.name).toBe('a');
      expect(ids(await same.find('colour', 'red'))).toEqual(['1']);
      expect(ids(await other.list())).toEqual([]);
    });

    if (durable) {
      it('still has everything after a restart', async () => {
        const opened = await view();
        await opened.put('1', { name: 'a', colours: ['red'] }, { revision: 'r1' });
        await opened.put('2', { name: 'b' });
        await opened.delete('2');
        await opened.write([{ id: '3', value: { name: 'c', colours: ['green'] }, revision: 'r3', replaces: null }]);
        const reopened = await (await subject.reopen()).open(lamps);
        expect(await reopened.get('1')).toEqual({ id: '1', value: { name: 'a', colours: ['red'] }, revision: 'r1' });
        expect(ids(await reopened.find('colour', 'red'))).toEqual(['1']);
        expect(await reopened.get('2')).toBeUndefined();
        expect(ids(await reopened.find('colour', 'green'))).toEqual(['3']);
      });

      it('guards against writers in another process', async () => {
        const here = await view();
        const there = await (await subject.another()).open(lamps);
        await here.put('1', { name: 'a' }, { revision: 'r1' });
        await there.put('1', { name: 'b' }, { revision: 'r2', replaces: 'r1' });
        expect(await rejection(here.put('1', { name: 'c' }, { replaces: 'r1' }))).toBeInstanceOf(ViewConflict);
        expect(await here.write([{ id: '1', value: { name: 'd' }, revision: 'r3', replaces: 'r1' }])).toEqual(['1']);
        expect((await here.get('1'))?.value.name).toBe('b');
      });
    }
  });
};
