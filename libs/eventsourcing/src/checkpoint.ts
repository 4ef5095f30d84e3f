import type { Position } from './event-store.port.js';

/** How far a follower is; its revision is the position as well. */
export interface Checkpoint {
  readonly position: Position;
}

export const checkpointsView = { name: 'checkpoints@1' };
