import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { kendt } from '../kendt.js';
import { type Scan, scanFor } from '../scan.js';
import { expectThat, type Step } from '../step.js';
import type { World } from '../world.js';

interface Line {
  readonly type: string;
  readonly at: string;
  readonly position: string;
  readonly personal?: Record<string, unknown>;
}

const replay = async (world: World, more: readonly string[] = []): Promise<Line[]> => {
  const args = ['audit', 'replay', '--customer', world.noted('ida'), '--json', '--url', world.place.url, ...more];
  const { code, stdout, output } = await kendt(args, { KENDT_CLIENT_ID: 'compliance', KENDT_CLIENT_SECRET: world.secret('compliance') });
  expectThat(code === 0, 'The replay is given', output.slice(-400));
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as Line);
};

const story = ['CustomerRegistered', 'EmailVerified', 'ConsentGranted', 'LoginSucceeded', 'CustomerDataViewed', 'ConsentWithdrawn', 'ErasureRequested', 'CustomerFrozen', 'CustomerErased', 'ErasureCompleted'];

export const replayHistory: Step = {
  name: 'replay',
  title: 'The compliance officer replays the whole story; what was personal is erased',
  play: async (world) => {
    const lines = await replay(world);
    const types = lines.map(({ type }) => type);
    const missing = story.filter((type) => !types.includes(type));
    expectThat(missing.length === 0, 'Nothing is missing from the story', missing);
    expectThat(lines.every((line, n) => n === 0 || (lines[n - 1]?.position ?? '') < line.position), 'It is told in order');
    const groups = lines.flatMap(({ personal }) => Object.values(personal ?? {}));
    expectThat(groups.length > 0 && groups.every((value) => value === 'erased'), 'What was personal is erased', groups);
    const begin = lines.find(({ type }) => type === 'ErasureRequested')?.at ?? '';
    const then = await replay(world, ['--at', begin]);
    expectThat(then.length < lines.length && !then.some(({ type }) => type === 'CustomerErased'), 'As of before the erasure it ends there');
    return { asked: 'kendt audit replay --customer <id>, and --at before the erasure', answered: `${lines.length} events, ${groups.length} sealed groups all erased; ${then.length} events as of then` };
  },
};

/** Everything that is kept on disk, by Kendt and by the systems of the group. */
const search = (world: World): Promise<Scan> => {
  const { email, family, phone } = world.ida;
  const folders = [world.place.dataDir, join(world.systemsDir, 'crm'), join(world.systemsDir, 'erp')].filter(existsSync);
  return scanFor(folders, [email, family, phone]);
};

export const scanBefore: Step = {
  name: 'still-there',
  title: 'Before that, the same search that will be made afterwards finds her',
  play: async (world) => {
    const { files, bytes, finds } = await search(world);
    expectThat(finds.length > 0, 'She is found while she is a customer');
    const where = [...new Set(finds.map(({ file }) => (file.endsWith('.eml') ? 'mails' : basename(file))))];
    return { asked: 'every byte of every file', answered: `found in ${where.join(', ')}`, figures: { files, bytes, finds: finds.length } };
  },
};

export const scanEverything: Step = {
  name: 'nothing-left',
  title: 'Every byte of every file is searched for her',
  play: async (world) => {
    const scan = await search(world);
    expectThat(scan.finds.length === 0, 'Nothing is found', scan.finds);
    return {
      asked: 'e-mail, family name and phone; plain, upper and lower case, UTF-16, base64, hex, URL encoding',
      answered: `0 finds in ${scan.files} files, ${scan.bytes.toLocaleString('en')} bytes`,
      figures: { files: scan.files, bytes: scan.bytes },
    };
  },
};
