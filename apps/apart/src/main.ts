import 'reflect-metadata';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeOnSignals, refuseToStart, settleProcess } from '@kendt/nest';
import { holdDataFolder } from '@kendt/sqlite';
import { type Apart, startApart } from './apart.js';
import { rowsOf, tableOf } from './table.js';

const help = `Kendt, each service as two processes of its own, with a gateway in front. For trying out on one machine; it begins with nothing.

  npm run apart             starts it; Ctrl-C ends all of them
  npm run apart -- --help   shows this

HTTP_PORT is the gateway's (3000). EVENT_STORE_URL, VIEWS_URL, TOPICS_URL and KEYS_URL name servers that run elsewhere; without them Apache
Kafka is started here, and the rest lies in files below DATA_DIR (data). INSTANCES says how many of each service there are (2).
`;

const say = (text: string): void => void process.stdout.write(text);

const main = async (env: Readonly<Record<string, string | undefined>>): Promise<void> => {
  const dataDir = env['DATA_DIR'] || 'data';
  const folder = holdDataFolder(dataDir);
  try {
    const { HTTP_PORT, INSTANCES, ...settings } = env;
    const apart = await startApart({ folder: join(dataDir, 'apart'), kafka: true, port: Number(HTTP_PORT || 3000), instances: Number(INSTANCES || 2), env: settings, onStep: (what) => say(`Starting ${what} …\n`) });
    const address = apart.url.slice('http://'.length);
    folder.announce({ url: apart.url, grpcUrl: address, operatorsUrl: apart.instances[0]!.operatorsUrl, topics: apart.places.TOPICS_URL, secretsDir: resolve(apart.secretsDir) });
    const watching = new AbortController();
    closeOnSignals({
      close: async () => {
        watching.abort();
        await apart.stop();
        folder.release();
      },
    });
    say(`\n${tableOf(await rowsOf(apart))}\n\nAccount and login  ${apart.url}/account\nMailbox            ${apart.url}/mailbox\ngRPC               ${address}\n\nNext, in another terminal:  npm run demo -- --url ${apart.url}\nCtrl-C ends all of them.\n\n`);
    await watch(apart, watching.signal);
  } catch (error) {
    folder.release();
    throw error;
  }
};

/** A line for each change of a state. */
const watch = async (apart: Apart, signal: AbortSignal): Promise<void> => {
  const known = new Map((await rowsOf(apart)).map(({ name, state }) => [name, state]));
  while (!signal.aborted) {
    await sleep(1000, undefined, { signal }).catch(() => undefined);
    for (const { name, state, pid } of signal.aborted ? [] : await rowsOf(apart)) {
      if (known.get(name) !== state) say(`  ${new Date().toISOString()}  ${name} (${pid}) is ${state}\n`);
      known.set(name, state);
    }
  }
};

if (process.argv.includes('--help')) {
  say(help);
} else {
  settleProcess();
  await main(process.env).catch(refuseToStart);
}
