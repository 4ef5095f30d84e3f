import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Followers } from '@kendt/nest';
import { startTestService, Tallies, TalliesModule, tally, type TestService } from '@kendt/nest/testing';
import { run } from './index.js';

describe('kendt at the operators’ port', () => {
  let service: TestService;
  let folder: string;
  beforeAll(async () => {
    service = await startTestService({ modules: [TalliesModule] });
    folder = mkdtempSync(join(tmpdir(), 'kendt-cli-'));
    mkdirSync(join(folder, 'keys'));
    writeFileSync(join(folder, 'keys', 'operators-key'), `${service.secrets.operatorsKey}\n`);
    writeFileSync(join(folder, 'running.json'), JSON.stringify({ operatorsUrl: service.operatorsUrl, secretsDir: join(folder, 'keys') }));
  });
  afterAll(async () => {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => void (service.app.get(Tallies).broken = false));

  const kendt = async (line: string, env: Record<string, string> = { DATA_DIR: folder }): Promise<{ code: number; out: string; err: string }> => {
    let [out, err] = ['', ''];
    const code = await run(line.split(' '), { env, out: (text) => void (out += text), err: (text) => void (err += text) });
    return { code, out, err };
  };
  const add = async (key: string, ...types: string[]): Promise<void> => {
    await service.app.get(Followers).waitFor('tallies@1', await tally(service.ports.events, key, ...types));
  };

  it('lists what is parked and tries it again; the exit code says whether something is left', async () => {
    expect(await kendt('parked list')).toEqual({ code: 0, out: 'Nothing is parked.\n', err: '' });
    service.app.get(Tallies).broken = true;
    await add('one', 'bad', 'good');
    const { code, out } = await kendt('parked list');
    expect([code, out.split('\n')[1]]).toEqual([1, expect.stringMatching(/^tallies@1 +one +\S+ +bad +RangeError$/)]);
    expect(JSON.parse((await kendt('parked list --key one --json')).out)).toHaveLength(2);
    expect((await kendt('parked list --key other')).out).toBe('Nothing is parked.\n');
    expect(await kendt('parked retry')).toEqual({ code: 1, out: '0 went through, 2 are left.\n', err: '' });
    service.app.get(Tallies).broken = false;
    expect(await kendt('parked retry --follower tallies@1 --key one')).toEqual({ code: 0, out: '2 went through, 0 are left.\n', err: '' });
    expect(await kendt('parked retry --follower nobody')).toMatchObject({ code: 1, err: expect.stringContaining('FOLLOWER_UNKNOWN') as unknown });
  });

  it('rebuilds a view, tells how it went, and drops the old build', async () => {
    await add('two', 'good');
    const rebuilt = await kendt('views rebuild tallies@1');
    expect([rebuilt.code, rebuilt.out]).toEqual([0, 'tallies@1 is read from tallies@1#2 now. All 2 documents are the same.\n']);
    expect(rebuilt.err).toMatch(/^tallies@1#2: /);
    expect((await kendt('views list')).out).toMatch(/^VIEW .*\ntallies@1 +kept +2 +\d+ +0 +0\ntallies@1#2 +active +2 +\d+ +0 +0\n$/);
    expect(await kendt('views compare tallies@1')).toEqual({ code: 0, out: 'All 2 documents are the same.\n', err: '' });
    expect(await kendt('views drop tallies@1')).toEqual({ code: 0, out: 'tallies@1 is gone.\n', err: '' });
    expect(await kendt('views drop tallies@1#2')).toMatchObject({ code: 1, err: expect.stringContaining('VIEW_IN_USE') as unknown });
  });

  it('says what is missing in a sentence', async () => {
    expect((await kendt('views list', { DATA_DIR: join(folder, 'nothing') })).err).toMatch(/^There is no secret for the operators: set KENDT_OPERATORS_KEY/);
    expect((await kendt('views list', { DATA_DIR: folder, KENDT_OPERATORS_KEY: 'wrong' })).err).toMatch(/401 OPERATORS_KEY_WRONG/);
    expect((await kendt('parked list --url http://127.0.0.1:1', { DATA_DIR: folder })).err).toMatch(/cannot be reached/);
    expect((await kendt('views rebuild nothing@1')).err).toMatch(/VIEW_UNKNOWN/);
  });
});
