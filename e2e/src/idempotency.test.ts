import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OwnSystem, startOwn } from './place.js';
import { type Answer, ask, backendToken } from './rest.js';
import { eventually } from './step.js';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body: object;
}

const kills = 4;
const atOnce = 12;

describe('a request that is repeated after the process was killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kendt-repeat-'));
  let system: OwnSystem;
  let token: string;
  const start = async (): Promise<void> => {
    system = await startOwn(folder);
    const secret = readFileSync(join(system.place.secretsDir, 'clients', 'fjord-web'), 'utf8').trim();
    token = await backendToken(system.place.url, 'fjord-web', secret, 'customers:register customers:write');
  };
  beforeAll(start, 30_000);
  afterAll(async () => {
    await system.program.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const send = ({ method, path, key, body }: Request): Promise<Answer> => ask(system.place.url, method, path, { token, body, headers: { 'idempotency-key': key } });
  const guest = (key: string): Request => ({ method: 'POST', path: '/v1/customers', key, body: { kind: 'guest', language: 'da', phone: '+4520123456' } });
  const change = (key: string, id: string): Request => ({ method: 'PATCH', path: `/v1/customers/${id}/contact`, key, body: { phone: `+45201${key.slice(-5)}` } });
  const toldBy = ({ status, text, headers }: Answer): unknown => [status, text, headers.get('kendt-position')];

  it('has one effect and one answer, and with another body none', async () => {
    const customers = await Promise.all(Array.from({ length: (kills * atOnce) / 2 }, async (_, n) => String((await send(guest(`first-${n}`))).body['customerId'])));
    const requests = Array.from({ length: kills * atOnce }, (_, n) => (n % 2 ? guest(`guest-${n}`) : change(`change-${10_000 + n}`, customers[n / 2]!)));
    let unanswered = 0;
    for (let kill = 0; kill < kills; kill++) {
      const mine = requests.slice(kill * atOnce, (kill + 1) * atOnce);
      const earlier = mine.map((request) => send(request).catch(() => undefined));
      await sleep(kill * 12); // each time in the midst of something else
      await system.program.stop('SIGKILL');
      const known = await Promise.all(earlier);
      unanswered += known.filter((answer) => !answer).length;
      await start();
      for (const [n, request] of mine.entries()) {
        const again = await eventually('An answer', async () => {
          const answer = await send(request);
          return answer.status === 409 ? undefined : answer;
        }, 5000);
        expect(again.status).toBe(request.method === 'POST' ? 201 : 204);
        if (known[n]) expect(toldBy(again)).toEqual(toldBy(known[n]));
        expect(toldBy(await send(request))).toEqual(toldBy(again));
        expect((await send({ ...request, body: { ...request.body, phone: '+4599999999' } })).body['code']).toBe('IDEMPOTENCY_KEY_REUSED');
      }
    }
    expect(unanswered).toBeGreaterThan(0);
    await system.program.stop();
    expect(counted(join(folder, 'events.db'))).toEqual({ CustomerRegistered: customers.length + requests.length / 2, ContactDetailsChanged: requests.length / 2 });
  }, 120_000);
});

/** Read past Kendt. */
const counted = (file: string): Record<string, number> => {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare("SELECT type, count(*) AS count FROM events WHERE category = 'customer' GROUP BY type").all() as { type: string; count: number }[];
  db.close();
  return Object.fromEntries(rows.map(({ type, count }) => [type, count]));
};
