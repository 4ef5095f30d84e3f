import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FormBrowser } from '@kendt/testing/form-browser';
import { kendt, type Ran } from './kendt.js';
import { type OwnSystem, startOwn } from './place.js';
import { newPerson } from './people.js';
import { ask } from './rest.js';
import { scanFor } from './scan.js';
import { fjordShop, submitLogin } from './shop.js';
import { eventually } from './step.js';
import { buy, recommend } from './steps/buying.js';
import { askToBeErased, completed, confirmErasure } from './steps/erasing.js';
import { strangerAtLund } from './steps/looking-up.js';
import { register, registerAtFjord, registerBo, registerOnceMore, verifyByMail } from './steps/registering.js';
import { signInAtFjord } from './steps/signing-in.js';
import { startSystems, type Systems } from './systems.js';
import { World } from './world.js';

const databases = ['events.db', 'views.db', 'topics.db', 'keys.db'];

describe('a backup of a running system, restored', () => {
  let folder: string;
  let own: OwnSystem;
  let systems: Systems;
  let world: World;
  let before: string[];
  const made: { data: string; keys: string }[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-restore-'));
    mkdirSync(join(folder, 'systems'));
    own = await startOwn(join(folder, 'data'));
    systems = await startSystems(own.place.topics, join(folder, 'systems'));
    world = new World(own.place, systems, join(folder, 'systems'));
    for (const step of [registerAtFjord, verifyByMail, registerBo, signInAtFjord, strangerAtLund, buy, recommend]) await step.play(world);
    before = await answers();
  }, 90_000);
  afterAll(async () => {
    await systems?.stop();
    await own?.program.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const command = (...args: readonly string[]): Promise<Ran> => kendt(args, { DATA_DIR: join(folder, 'data') });
  const backup = async (): Promise<{ data: string; keys: string }> => {
    const { code, stdout, output } = await command('backup', join(folder, 'backups'), '--keys', join(folder, 'key-backups'), '--json');
    if (code !== 0) throw new Error(output);
    const [data = '', keys = ''] = stdout.trim().split('\n').map((line) => (JSON.parse(line) as { folder: string }).folder);
    return { data, keys };
  };
  const stop = async (): Promise<void> => {
    await systems.stop();
    await own.program.stop();
  };
  const start = async (): Promise<void> => {
    const ports = { HTTP_PORT: new URL(own.place.url).port, GRPC_PORT: own.place.grpcUrl.split(':')[1] ?? '0' };
    own = await startOwn(join(folder, 'data'), ports);
    world.place = own.place;
    systems = await startSystems(own.place.topics, join(folder, 'systems'));
    Object.assign(world, { systems });
  };
  /** As callers get them, but for the trace and the moment. */
  const answerOf = async (customer: string, path: string, client: string, scope: string): Promise<string> => {
    const { status, body: { instance: _trace, ...body } } = await ask(world.place.url, 'GET', `/v1/customers/${world.noted(customer)}${path}`, { token: await world.token(client, scope) });
    return `${status} ${JSON.stringify(body)}`;
  };
  const answersOf = async (customer: string): Promise<string[]> => [
    await answerOf(customer, '', 'fjord-web', 'customers:read'),
    await answerOf(customer, '/consents', 'fjord-web', 'consents:read'),
    await answerOf(customer, '/purchases?purpose=personal-offers', 'fjord-recommender', 'purchases:read'),
    await answerOf(customer, '/holdings', 'compliance', 'erasure:manage'),
  ];
  const answers = async (): Promise<string[]> => [...(await answersOf('ida')), ...(await answersOf('bo'))];
  const find = async (email: string) => ask(world.place.url, 'POST', '/v1/customers/find', { token: await world.token('fjord-till', 'customers:find'), body: { email, reason: 'till' } });
  const signIn = async (person: { email: string; password: string }): Promise<number> => {
    const browser = new FormBrowser({ origins: [world.place.url] });
    const shop = fjordShop(world);
    const page = await submitLogin(browser, (await shop.begin(browser)).page, person.email, person.password);
    return shop.isBack(page) ? 200 : page.status;
  };
  const tracesOf = async ({ email, family, phone } = world.ida) => (await scanFor([join(folder, 'data')], [email, family, phone])).finds;
  const story = async (id: string): Promise<string[]> => {
    const { stdout } = await kendt(['audit', 'replay', '--customer', id, '--json', '--url', world.place.url], { KENDT_CLIENT_SECRET: world.secret('compliance') });
    return stdout.trim().split('\n').map((line) => JSON.parse(line) as { type: string; actor: { id: string } }).map(({ type, actor }) => `${type} by ${actor.id}`);
  };

  it('is taken while it runs, each set in a folder of its own, and is whole', async () => {
    made.push(await backup());
    expect(readdirSync(made[0]!.data).sort()).toEqual(['events.db', 'manifest.json', 'tombstones.jsonl', 'topics.db', 'views.db']);
    expect(readdirSync(made[0]!.keys).sort()).toEqual(['keys.db', 'manifest.json']);
    for (const each of [made[0]!.data, made[0]!.keys]) expect(await command('backup', 'verify', each)).toMatchObject({ code: 0 });
  }, 60_000);

  it('is not restored while Kendt runs, nor while a connector has the topics open', async () => {
    expect(await command('restore', made[0]!.data, '--replace')).toMatchObject({ code: 1, output: expect.stringMatching(/running already/) as unknown });
    await own.program.stop();
    expect(await command('restore', made[0]!.data, '--replace')).toMatchObject({ code: 1, output: expect.stringMatching(/topics\.db is open in another program/) as unknown });
    await systems.stop();
    await start();
  }, 60_000);

  it('answers as before when every database was lost', async () => {
    await stop();
    mkdirSync(join(folder, 'lost'));
    for (const name of databases) renameSync(join(folder, 'data', name), join(folder, 'lost', name));
    expect(await command('restore', made[0]!.data)).toMatchObject({ code: 1, output: expect.stringMatching(/no key ring .* --keys/) as unknown });
    expect(await command('restore', made[0]!.data, '--keys', made[0]!.keys)).toMatchObject({ code: 0 });
    await start();
    expect(await answers()).toEqual(before);
    expect([await signIn(world.ida), await signIn(world.bo)]).toEqual([200, 200]);
  }, 60_000);

  it('does not bring back who was erased after it: she is erased again, and the record says so', async () => {
    const late = newPerson('Cara', 'Late');
    expect((await register(world, late)).status).toBe(202);
    for (const step of [askToBeErased, confirmErasure, completed]) await step.play(world);
    made.push(await backup());
    expect(await tracesOf()).toEqual([]);
    await stop();
    const restored = await command('restore', made[0]!.data, '--replace');
    expect(restored.output).toMatch(/1 customers were erased after this backup/);
    expect(await tracesOf()).toEqual([]); // not a byte, even before anything runs
    await start();
    // By whoever was last: a system with its receipt, or the destruction of the keys.
    await eventually('The erasure', async () => (await story(world.noted('ida'))).some((event) => event.startsWith('ErasureCompleted by ')) || undefined);
    const told = await story(world.noted('ida'));
    for (const said of ['CustomerRegistered by fjord-web', 'ErasureRequested by restore', 'CustomerFrozen by restore', 'KeysDestroyed by erasure', 'CustomerErased by erasure', 'IdentifierReleased by erasure']) expect(told).toContain(said);
    expect((await answersOf('ida'))[0]).toMatch(/^404/);
    expect((await find(world.ida.email)).status).toBe(404);
    expect(await signIn(world.ida)).toBe(422);
    expect(await tracesOf()).toEqual([]);
    expect(await answersOf('bo')).toEqual(before.slice(4));
    expect(await signIn(world.bo)).toBe(200);
    expect((await find(late.email)).status).toBe(404); // registered after the backup: lost
  }, 90_000);

  it('holds also when keys and events are lost, as long as some backup knows of the erasure', async () => {
    await stop();
    for (const name of [...databases, 'mail']) rmSync(join(folder, 'data', name), { recursive: true });
    for (const name of readdirSync(join(folder, 'data')).filter((each) => each.startsWith('replaced-'))) rmSync(join(folder, 'data', name), { recursive: true });
    const { output } = await command('restore', made[0]!.data, '--keys', made[0]!.keys, '--tombstones', made[1]!.data);
    expect(output).toMatch(/1 customers were erased after this backup/);
    expect(await tracesOf()).toEqual([]);
    await start();
    await eventually('The erasure', async () => (await story(world.noted('ida'))).includes('CustomerErased by erasure') || undefined);
    expect(await tracesOf()).toEqual([]);
    expect(await signIn(world.ida)).toBe(422);
    expect(await answersOf('bo')).toEqual(before.slice(4));
    await registerOnceMore.play(world);
    expect(await signIn(world.ida)).toBe(200);
  }, 90_000);

  it('does not start on keys that were copied back by hand from before an erasure, and says what to call', async () => {
    await stop();
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, 'data', `keys.db${end}`), { force: true });
    copyFileSync(join(made[0]!.keys, 'keys.db'), join(folder, 'data', 'keys.db'));
    await expect(start()).rejects.toThrow('Call "kendt keys bury"');
    expect(await command('keys', 'bury')).toMatchObject({ code: 0, output: expect.stringMatching(/^3 keys were there again and are destroyed now/) as unknown });
    await start();
  }, 60_000);
});
