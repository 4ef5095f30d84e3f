import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GuardedKafka } from './guarded.kafka.js';
import { kendt, type Ran } from './kendt.js';
import { type OwnSystem, startOwn } from './place.js';
import { startSystems, type Systems } from './systems.js';
import { workspaceFile } from './workspace.js';
import { World } from './world.js';

/** Kendt, the CRM and the ERP, each a process with a login of its own, on a broker that grants them what Kendt writes down and nothing else. */
export class GuardedInstallation {
  readonly world: World;
  readonly operatorsUrl: string;

  private constructor(
    readonly kafka: GuardedKafka,
    private readonly own: OwnSystem,
    private readonly systems: Systems,
    private readonly folder: string,
  ) {
    this.world = new World(own.place, systems, join(folder, 'systems'));
    this.operatorsUrl = (JSON.parse(readFileSync(join(own.place.dataDir, 'running.json'), 'utf8')) as { operatorsUrl: string }).operatorsUrl;
  }

  /** `others`: who has a login as well. */
  static async start(others: readonly string[]): Promise<GuardedInstallation> {
    const folder = mkdtempSync(join(tmpdir(), 'kendt-guarded-'));
    mkdirSync(join(folder, 'systems'));
    const kafka = await GuardedKafka.start(folder, ['kendt', 'crm', 'erp', ...others]);
    const granted = await kendt(['topics', 'acls', '--config', workspaceFile('config/demo'), '--cluster', kafka.addressOf('admin'), '--apply']);
    if (granted.code !== 0) throw new Error(granted.output);
    const own = await startOwn(join(folder, 'data'), { TOPICS_URL: kafka.addressOf('kendt'), RETRY_SECONDS: '0.1,0.2' });
    const systems = await startSystems((system) => kafka.addressOf(system), join(folder, 'systems'));
    return new GuardedInstallation(kafka, own, systems, folder);
  }

  kendt(...args: readonly string[]): Promise<Ran> {
    const { dataDir } = this.own.place;
    return kendt(args, { DATA_DIR: dataDir, KENDT_CLIENT_ID: 'compliance', KENDT_URL: this.own.place.url });
  }

  /** `topics acls` against the broker, as its administrator. */
  acls(...args: readonly string[]): Promise<Ran> {
    return this.kendt('topics', 'acls', '--cluster', this.kafka.addressOf('admin'), ...args);
  }

  async stop(): Promise<void> {
    await Promise.all([this.systems.stop(), this.own.program.stop()]);
    await this.kafka.cluster.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
