import { checkpointsView } from './checkpoint.js';
import { type ParkedEvent, parkedOf, parkedView } from './parked.js';
import type { View, Views } from './views.port.js';

/** Which builds of a view there are. Every one of them follows the log, so that an erasure reaches them all. */
export interface Generations {
  /** The one that is read. */
  readonly active: number;
  /** In the order in which they were begun. */
  readonly all: readonly number[];
  /** The one that is to become active once it is built. */
  readonly building?: number;
}

const first: Generations = { active: 1, all: [1] };

const generationsView = { name: 'generations@1' };

/** The first generation bears the plain name, so a view that was never rebuilt looks as it always did. */
export const generationName = (projection: string, generation: number): string => (generation === 1 ? projection : `${projection}#${generation}`);

/** Kept in one document: what is active changes in one write, or not at all. */
export class GenerationsOf {
  #revision: string | null = null;
  current: Generations = first;

  private constructor(
    private readonly views: Views,
    private readonly view: View<Generations>,
    private readonly projection: string,
  ) {}

  static async open(views: Views, projection: string): Promise<GenerationsOf> {
    const generations = new GenerationsOf(views, await views.open<Generations>(generationsView), projection);
    const document = await generations.view.get(projection);
    if (document) [generations.current, generations.#revision] = [document.value, document.revision];
    return generations;
  }

  name(generation: number): string {
    return generationName(this.projection, generation);
  }

  /** @returns the number of the generation that is to be built: a new one, or the one that is being built already. */
  async begin(): Promise<number> {
    const { building, all } = this.current;
    if (building !== undefined) return building;
    const next = Math.max(...all) + 1;
    await dropView(this.views, this.name(next)); // what a drop that was cut short may have left
    await this.#become({ ...this.current, all: [...all, next], building: next });
    return next;
  }

  /** Built, but not to be switched to. */
  async keepBeside(): Promise<void> {
    const { active, all } = this.current;
    await this.#become({ active, all });
  }

  async switchTo(active: number): Promise<void> {
    await this.#become({ active, all: this.current.all });
  }

  /** The documents go last: what a crash leaves of them is swept away at the next start. */
  async drop(generation: number): Promise<void> {
    const { active, all, building } = this.current;
    await this.#become({ active, all: all.filter((one) => one !== generation), ...(building !== undefined && building !== generation && { building }) });
    await dropView(this.views, this.name(generation));
  }

  /** Builds that nobody follows any more: a drop was cut short. */
  async sweep(): Promise<void> {
    const followed = this.current.all.map((generation) => this.name(generation));
    const ours = (name: string): boolean => name === this.projection || name.startsWith(`${this.projection}#`);
    for (const name of await this.views.names()) if (ours(name) && !followed.includes(name)) await dropView(this.views, name);
  }

  async #become(next: Generations): Promise<void> {
    const revision = String(Number(this.#revision ?? 0) + 1);
    await this.view.put(this.projection, next, { revision, replaces: this.#revision });
    [this.current, this.#revision] = [next, revision];
  }
}

/** Documents, checkpoint and parked events: nothing is left of a view. The checkpoint goes first: half a view must never be gone on with. */
export const dropView = async (views: Views, name: string): Promise<void> => {
  await (await views.open(checkpointsView)).delete(name);
  const parked = await views.open<ParkedEvent>(parkedView);
  for (const { position } of await parkedOf(parked, name)) await parked.delete(`${name}:${position}`);
  await views.drop(name);
};

