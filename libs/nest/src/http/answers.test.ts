import { expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryViews, type View, type ViewDefinition, type Views } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { Answers, type Claim } from './answers.js';

const secrets = { answersKey: Buffer.alloc(32, 1) };
const answersIn = (views: Views): Answers => new Answers(views, () => new Date(), secrets);
const key = ['fjord-web', '', 'key'];

type Right = Exclude<Claim, { readonly answer: unknown }>;

const right = async (answers: Answers): Promise<Right> => {
  const claim = await answers.claim(key, 'request');
  if ('answer' in claim) throw new Error('It was answered already');
  return claim;
};

/** Views whose writes fail while they are away; those of `lost` are written all the same. */
class GoingViews extends MemoryViews {
  away = false;
  lost = false;

  override async open<T extends object>(definition: ViewDefinition<T>): Promise<View<T>> {
    const view = await super.open(definition);
    const unlessAway = async <Value>(work: () => Promise<Value>): Promise<Value> => {
      if (this.lost) await work();
      if (this.away || this.lost) throw new Refusal('STORE_AWAY', 'away', 'busy');
      return work();
    };
    return Object.assign(Object.create(view) as View<T>, {
      put: (...given: Parameters<View<T>['put']>) => unlessAway(() => view.put(...given)),
      write: (...given: Parameters<View<T>['write']>) => unlessAway(() => view.write(...given)),
    });
  }

  async kept(): Promise<number> {
    return (await super.open({ name: 'idempotency@1' })).count();
  }
}

it('gives the right to answer to one of two that ask at the same moment', async () => {
  const answers = answersIn(new MemoryViews());
  const claims = await Promise.allSettled([1, 2].map(() => answers.claim(key, 'request')));
  expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(claims.find((claim) => claim.status === 'rejected')?.reason).toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
});

it.each(['release', 'keep'] as const)('gives it again at once where it could not be given back while the store was away (%s)', async (how) => {
  const views = new GoingViews();
  const answers = answersIn(views);
  const first = await right(answers);
  views.away = true;
  if (how === 'keep') await expect(first.keep({ status: 202 })).rejects.toMatchObject({ code: 'STORE_AWAY' });
  await first.release();
  views.away = false;
  await (await right(answers)).keep({ status: 202 });
  await sleep(700); // what the first one still had to give back is not taken from the second
  expect(await answers.claim(key, 'request')).toEqual({ answer: { status: 202 } });
});

it('frees the key for other processes as soon as the store is back', async () => {
  const views = new GoingViews();
  const first = await right(answersIn(views));
  views.away = true;
  await first.release();
  expect(await views.kept()).toBe(1);
  views.away = false;
  while ((await views.kept()) > 0) await sleep(20);
});

it('frees a key that was taken although the store did not say so', async () => {
  const views = new GoingViews();
  const answers = answersIn(views);
  views.lost = true;
  await expect(answers.claim(key, 'request')).rejects.toMatchObject({ code: 'STORE_AWAY' });
  views.lost = false;
  while ((await views.kept()) > 0) await sleep(20);
});

it('takes nothing from who has taken over', async () => {
  let now = new Date();
  const answers = new Answers(new MemoryViews(), () => now, secrets);
  const first = await right(answers);
  now = new Date(now.getTime() + 31_000);
  const second = await right(answers);
  await first.release();
  await expect(answers.claim(key, 'request')).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
  await second.keep({ status: 202 });
});
