import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from '@kendt/apart';
import type { Ground } from './apart.ground.js';

export interface Held {
  readonly fence: number;
  readonly owner: string | null;
}

const heldWithinMs = 20_000;

/** As they lie in MongoDB, by name. */
export const leasesOf = async ({ mongo }: Ground): Promise<ReadonlyMap<string, Held>> => {
  const admin = await mongo.admin();
  try {
    const found = await admin.db('kendt-views').collection<{ _id: string } & Record<string, unknown>>('view.leases@1').find().toArray();
    return new Map(found.map((document) => [document._id, heldIn(document)]));
  } finally {
    await admin.close();
  }
};

const heldIn = ({ value }: Readonly<Record<string, unknown>>): Held => (typeof value === 'string' ? (JSON.parse(value) as Held) : (value as Held));

/** Which of the two processes of a service publishes now. */
export const holderOf = async ({ apart: { instances } }: Ground, service: string): Promise<{ readonly instance: Instance; readonly lease: string }> => {
  for (const until = Date.now() + heldWithinMs; Date.now() < until; await sleep(200)) {
    for (const instance of instances.filter(({ options }) => options.service === service)) {
      const { parts } = (await (await fetch(`${instance.operatorsUrl}/health/ready`)).json()) as { parts: { name: string; detail?: string }[] };
      const held = parts.find(({ name, detail }) => name.startsWith('lease ') && detail === 'held here');
      if (held) return { instance, lease: held.name.slice('lease '.length) };
    }
  }
  throw new Error(`Nobody held a lease of ${service} within ${heldWithinMs / 1000} s`);
};
