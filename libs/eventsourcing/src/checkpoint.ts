import type { Tenure } from './lease.js';
import { type Position, START } from './event-store.port.js';
import { type Document, type View, ViewConflict, type Views } from './views.port.js';

/** How far a follower is; its revision is the position as well. */
export interface Checkpoint {
  readonly position: Position;
  /** Of the tenure that wrote it, where one process at a time may act. */
  readonly fence?: number;
}

export const checkpointsView = { name: 'checkpoints@1' };

/** Somebody with a higher fence has written the checkpoint. */
export class TenureOver extends Error {
  override readonly name = 'TenureOver';
}

/**
 * The checkpoint of a follower. Under a tenure each write replaces the one before, and the first thing a tenure does is to write: from
 * then on the owner before it can write nothing any more, however long it had been paused.
 */
export class FollowerCheckpoint {
  #revision: string | null = null;

  private constructor(
    private readonly view: View<Checkpoint>,
    private readonly follower: string,
    private readonly tenure: Tenure | undefined,
  ) {}

  static async open(views: Views, follower: string, tenure?: Tenure): Promise<FollowerCheckpoint> {
    return new FollowerCheckpoint(await views.open(checkpointsView), follower, tenure);
  }

  /** As it stands, whoever wrote it. */
  async position(): Promise<Position> {
    return (await this.view.get(this.follower))?.value.position ?? START;
  }

  /** Where to go on. @throws TenureOver */
  async begin(): Promise<Position> {
    if (!this.tenure) return this.position();
    for (;;) {
      const position = this.#standing(await this.view.get(this.follower));
      if (await this.#replaced(position)) return position;
    }
  }

  /** @throws TenureOver */
  async move(position: Position): Promise<void> {
    if (!this.tenure) return this.view.put(this.follower, { position }, { revision: position });
    if (!this.tenure.holds()) throw new TenureOver();
    while (!(await this.#replaced(position))) this.#standing(await this.view.get(this.follower)); // a put whose answer was lost had been done all the same
  }

  #standing(found: Document<Checkpoint> | undefined): Position {
    if ((found?.value.fence ?? 0) > this.tenure!.fence) {
      this.tenure!.end();
      throw new TenureOver();
    }
    this.#revision = found?.revision ?? null;
    return found?.value.position ?? START;
  }

  async #replaced(position: Position): Promise<boolean> {
    const { fence } = this.tenure!;
    const revision = `${position}/${fence}`;
    try {
      await this.view.put(this.follower, { position, fence }, { revision, replaces: this.#revision });
      this.#revision = revision;
      return true;
    } catch (error) {
      if (error instanceof ViewConflict) return false;
      throw error;
    }
  }
}
