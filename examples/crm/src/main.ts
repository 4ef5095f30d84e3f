import { startCrm } from './crm.js';
import { readOptions, usage } from './crm.options.js';

const fail = (error: unknown): never => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
  } else {
    const crm = await startCrm(options, console.log);
    const stop = (): void => {
      setTimeout(() => process.exit(1), 4000).unref(); // whatever hangs, the process does not
      void crm.stop().catch(fail);
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
    await crm.done;
  }
} catch (error) {
  fail(error);
}
