import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { journey } from './journey.js';
import { type OwnSystem, startOwn } from './place.js';
import { startSystems, type Systems } from './systems.js';
import { World } from './world.js';

/** `term`: asked to stop, as on a deployment. `kill`: gone at once, as on a power cut. */
describe.each([undefined, 'SIGTERM', 'SIGKILL'] as const)('the journey, stopped after each step with %s', (signal) => {
  let folder: string;
  let own: OwnSystem;
  let systems: Systems;
  let world: World;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kendt-journey-'));
    mkdirSync(join(folder, 'systems'));
    own = await startOwn(join(folder, 'data'));
    systems = await startSystems(own.place.topics, join(folder, 'systems'));
    world = new World(own.place, systems, join(folder, 'systems'));
  }, 60_000);

  afterAll(async () => {
    await systems?.stop();
    await own?.program.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  const restart = async (how: NodeJS.Signals): Promise<void> => {
    await own.program.stop(how);
    const ports = { HTTP_PORT: new URL(own.place.url).port, GRPC_PORT: own.place.grpcUrl.split(':')[1] ?? '0' };
    own = await startOwn(own.place.dataDir, ports);
    world.place = own.place;
  };

  it.each(journey.map((step) => [step.title, step] as const))(
    '%s',
    async (_title, step) => {
      await step.play(world);
      if (signal) await restart(signal);
    },
    60_000,
  );
});
