import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Followers } from '@kendt/nest';
import { startTestService, tally, type TestService, ToldTalliesModule } from '@kendt/nest/testing';
import { run } from './index.js';

describe('kendt topics republish', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ modules: [ToldTalliesModule] });
    await service.app.get(Followers).waitFor('publish-tallies', await tally(service.ports.events, 'ida', 'a', 'b', 'secret'), 5000);
  });
  afterAll(() => service.close());

  const kendt = async (line: string, operatorsUrl = service.operatorsUrl): Promise<{ code: number; out: string; err: string }> => {
    let [out, err] = ['', ''];
    const env = { KENDT_OPERATORS_URL: operatorsUrl, KENDT_OPERATORS_KEY: service.secrets.operatorsKey };
    const code = await run(`topics republish ${line}`.split(' '), { env, out: (text) => void (out += text), err: (text) => void (err += text) });
    return { code, out, err };
  };
  const messages = async (): Promise<number> => (await Array.fromAsync(service.ports.topics.read('tallies'))).length;

  it('counts first, then sends, and says what could not be told', async () => {
    const left = ' Left out: 1, which cannot be told or come after such a one of the same customer; see kendt parked list.';
    expect(await kendt('--topic tallies --from start --dry-run')).toMatchObject({ code: 1, out: `tallies would get 2 messages of 3 events; none was sent.${left}\n` });
    expect(await messages()).toBe(2);
    expect(await kendt('--topic tallies --from start')).toMatchObject({ code: 1, out: `tallies has got 2 messages of 3 events once more.${left}\n` });
    expect(await messages()).toBe(4);
    const later = new Date(Date.now() + 60_000).toISOString();
    expect(await kendt(`--topic tallies --from ${later}`)).toMatchObject({ code: 0, out: 'tallies has got 0 messages of 3 events once more.\n' });
  });

  const again = 'Run the command once more: it begins anew with the same ids, and readers drop what they have seen.';

  it('says what to do when it was cut short, and then begins anew', async () => {
    const { topics } = service.ports;
    const publish = topics.publish.bind(topics);
    topics.publish = async () => Promise.reject(new RangeError('full'));
    expect(await kendt('--topic tallies --from start')).toMatchObject({ code: 1, out: `tallies has got 0 messages, not all of them (RangeError). ${again}\n` });
    topics.publish = publish;
    const before = await messages();
    expect((await kendt('--topic tallies --from start')).out).toMatch(/^tallies has got 2 messages of 3 events once more\./);
    expect(await messages()).toBe(before + 2);
    expect((await kendt('--help')).out.replaceAll(/\s+/g, ' ')).toContain(again);
  });

  it('says what to do when Kendt goes away meanwhile', async () => {
    const kept = createServer(({ method, socket }, response) => void (method === 'POST' ? response.end(JSON.stringify({ topic: 'tallies', state: 'running', startedAt: 'now' })) : socket.destroy()));
    await new Promise<void>((resolve) => kept.listen(0, '127.0.0.1', resolve));
    expect(await kendt('--topic tallies --from start', `http://127.0.0.1:${(kept.address() as AddressInfo).port}`)).toMatchObject({ code: 1, err: expect.stringContaining(`Kendt went away, and tallies may not have got all of its messages. Start it. ${again}\n`) as unknown });
    kept.close();
  });

  it('says what is wrong in a sentence', async () => {
    expect(await kendt('--topic tallies --from yesterday')).toMatchObject({ code: 1, err: '--from is start, or a time like 2026-03-01T12:00:00Z.\n' });
    expect((await kendt('--topic other --from start')).err).toMatch(/TOPIC_NOT_PUBLISHED/);
    expect(await kendt('--topic tallies')).toMatchObject({ code: 2 });
  });
});
