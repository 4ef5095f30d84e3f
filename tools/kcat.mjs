// kcat, a reader of Kafka that nobody of this project has written (https://github.com/edenhill/kcat), for the tests.
// node tools/kcat.mjs: prints its name once it is there.
import { spawnSync } from 'node:child_process';
import { canInstall, installFromDebian } from './debian.mjs';

const runs = () => spawnSync('kcat', ['-V'], { stdio: 'ignore' }).status === 0;

async function kcat() {
  if (runs()) return 'kcat';
  if (!canInstall()) throw new Error('The tests on Kafka read topics with kcat as well; install it (on Debian: sudo apt-get install kcat).');
  await installFromDebian('kcat', ['kcat']);
  return 'kcat';
}

kcat().then(console.log, (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
