import { describe, expect, it } from '@jest/globals';
import { cachedKeys, type KeyRing } from '@kendt/eventsourcing';
import { type ContractOptions, type Open, subjectOf } from './opened.js';

const ida = 'c-3f1b';
const bo = 'c-9a77';
const earlier = { stream: 'erasure-1', id: 'e-1', position: '0000000000000007' };
const later = { stream: 'erasure-2', id: 'e-2', position: '0000000000000011' };

/** What every key ring promises. */
export const keyRingContract = (name: string, open: Open<KeyRing>, { durable = false }: ContractOptions = {}): void => {
  describe(`${name} as a KeyRing`, () => {
    const subject = subjectOf(open);

    it('makes a key of 32 bytes when it is first asked for, and gives the same one from then on', async () => {
      const key = await subject.port.obtain(ida, 'contact');
      expect(key).toBeInstanceOf(Uint8Array);
      expect(key).toHaveLength(32);
      expect(await subject.port.obtain(ida, 'contact')).toEqual(key);
      expect(await subject.port.find(ida, 'contact')).toEqual(key);
    });

    it('gives callers at the same time the same key', async () => {
      const keys = await Promise.all(Array.from({ length: 20 }, () => subject.port.obtain(ida, 'contact')));
      expect(new Set(keys.map((key) => Buffer.from(key!).toString('hex'))).size).toBe(1);
    });

    it('finds nothing that was never made, and makes nothing by looking', async () => {
      expect(await subject.port.find(ida, 'contact')).toBeUndefined();
      expect(await subject.port.find(ida, 'contact')).toBeUndefined();
      expect(await subject.port.obtain(ida, 'contact')).toBeDefined();
    });

    it('has another key for every customer and every data group', async () => {
      const keys = [
        await subject.port.obtain(ida, 'contact'), await subject.port.obtain(ida, 'purchases'),
        await subject.port.obtain(bo, 'contact'), await subject.port.obtain(bo, 'purchases'),
      ];
      expect(new Set(keys.map((key) => Buffer.from(key!).toString('hex'))).size).toBe(4);
    });

    it('never gives a destroyed key again, and never makes a new one in its place', async () => {
      await subject.port.obtain(ida, 'contact');
      await subject.port.destroy(ida, 'contact');
      expect(await subject.port.find(ida, 'contact')).toBeUndefined();
      expect(await subject.port.obtain(ida, 'contact')).toBeUndefined();
      expect(await subject.port.find(ida, 'contact')).toBeUndefined();
    });

    it('destroys a key twice, or one that was never made, all the same', async () => {
      await subject.port.destroy(ida, 'contact');
      await subject.port.destroy(ida, 'contact');
      expect(await subject.port.obtain(ida, 'contact')).toBeUndefined();
    });

    it('destroys nothing else', async () => {
      const purchases = await subject.port.obtain(ida, 'purchases');
      const other = await subject.port.obtain(bo, 'contact');
      await subject.port.destroy(ida, 'contact');
      expect(await subject.port.find(ida, 'purchases')).toEqual(purchases);
      expect(await subject.port.find(bo, 'contact')).toEqual(other);
    });

    it('is not hurt by what a caller does to the bytes it was given', async () => {
      const key = await subject.port.obtain(ida, 'contact');
      const copy = key!.slice();
      key!.fill(0);
      expect(await subject.port.find(ida, 'contact')).toEqual(copy);
    });

    it('ends in a destroyed key when obtaining and destroying meet', async () => {
      await Promise.all([subject.port.obtain(ida, 'contact'), subject.port.destroy(ida, 'contact'), subject.port.obtain(ida, 'contact')]);
      expect(await subject.port.find(ida, 'contact')).toBeUndefined();
    });

    it('tells a key that was destroyed from one that is there, and from one that was never made', async () => {
      await subject.port.obtain(ida, 'contact');
      await subject.port.obtain(ida, 'purchases');
      await subject.port.destroy(ida, 'contact');
      await subject.port.destroy(bo, 'contact');
      const asked = [[ida, 'contact'], [ida, 'purchases'], [bo, 'contact'], [bo, 'purchases']] as const;
      expect(await Promise.all(asked.map(([customer, group]) => subject.port.isDestroyed(customer, group)))).toEqual([true, false, true, false]);
    });

    it('lists a tombstone for every key that was destroyed, once, with the moment of the first time', async () => {
      const customers = Array.from({ length: 520 }, (_, n) => `c-${n}`);
      await Promise.all(customers.map((customer) => subject.port.obtain(customer, 'contact')));
      const gone = customers.slice(0, 510);
      const begin = new Date().toISOString();
      await Promise.all(gone.map((customer) => subject.port.destroy(customer, 'contact')));
      const end = new Date().toISOString();
      await new Promise((resolve) => setTimeout(resolve, 2));
      await subject.port.destroy(gone[0]!, 'contact');
      const tombstones = await Array.fromAsync(subject.port.tombstones());
      expect(tombstones.map(({ customerId }) => customerId).sort()).toEqual([...gone].sort());
      expect(tombstones.every(({ group, destroyedAt }) => group === 'contact' && destroyedAt >= begin && destroyedAt <= end)).toBe(true);
    });

    it('knows how far the log was compared with it: what was noted last, and nothing before', async () => {
      expect(await subject.port.compared()).toBeUndefined();
      await subject.port.noteCompared(earlier);
      await subject.port.noteCompared(later);
      await subject.port.noteCompared(later);
      expect(await subject.port.compared()).toEqual(later);
    });

    it('reads nothing from a cache after a key was destroyed', async () => {
      const cached = cachedKeys(subject.port);
      await cached.obtain(ida, 'contact');
      expect(cached.held(ida, 'contact')).toBeDefined();
      await cached.destroy(ida, 'contact');
      expect([cached.held(ida, 'contact'), await cached.find(ida, 'contact'), await cached.obtain(ida, 'contact')]).toEqual([undefined, undefined, undefined]);
    });

    if (durable) {
      it('has the same keys and the same gaps after a restart', async () => {
        const key = await subject.port.obtain(ida, 'contact');
        await subject.port.obtain(bo, 'contact');
        await subject.port.destroy(bo, 'contact');
        const reopened = await subject.reopen();
        expect(await reopened.find(ida, 'contact')).toEqual(key);
        expect(await reopened.find(bo, 'contact')).toBeUndefined();
        expect(await reopened.obtain(bo, 'contact')).toBeUndefined();
      });

      it('remembers how far the log was compared with it after a restart, and tells other processes', async () => {
        const another = await subject.another();
        await subject.port.noteCompared(earlier);
        expect(await another.compared()).toEqual(earlier);
        await another.noteCompared(later);
        expect(await subject.port.compared()).toEqual(later);
        expect(await (await subject.reopen()).compared()).toEqual(later);
      });

      it('never gives a key again that another process has destroyed', async () => {
        const another = await subject.another();
        await subject.port.obtain(ida, 'contact');
        await another.destroy(ida, 'contact');
        expect(await subject.port.find(ida, 'contact')).toBeUndefined();
        expect(await subject.port.obtain(ida, 'contact')).toBeUndefined();
        expect(await subject.port.isDestroyed(ida, 'contact')).toBe(true);
      });

      it('ends in destroyed keys where two processes obtain and destroy at the same time, and gives both the same until then', async () => {
        const another = await subject.another();
        const customers = Array.from({ length: 40 }, (_, n) => `c-${n}`);
        await Promise.all(
          customers.map(async (customer, n) => {
            const [one, other] = n % 2 === 0 ? [subject.port, another] : [another, subject.port];
            const [a, , b] = await Promise.all([one.obtain(customer, 'contact'), one.destroy(customer, 'contact'), other.obtain(customer, 'contact')]);
            if (a && b) expect(a).toEqual(b);
          }),
        );
        for (const customer of customers)
          for (const port of [subject.port, another]) expect([await port.find(customer, 'contact'), await port.obtain(customer, 'contact')]).toEqual([undefined, undefined]);
      });

      it('gives another process the same key', async () => {
        const another = await subject.another();
        const key = await subject.port.obtain(ida, 'contact');
        expect(await another.obtain(ida, 'contact')).toEqual(key);
      });
    }
  });
};
