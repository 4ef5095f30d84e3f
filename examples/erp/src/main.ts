import { startErp } from './erp.js';
import { readOptions, usage } from './erp.options.js';

const fail = (error: unknown): never => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
  } else {
    const erp = await startErp(options, console.log);
    const stop = (): void => {
      setTimeout(() => process.exit(1), 4000).unref(); // whatever hangs, the process does not
      void erp.stop().catch(fail);
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
    await erp.done;
  }
} catch (error) {
  fail(error);
}
