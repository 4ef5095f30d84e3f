import { erasureTaskMessages, fromMessage, topics as names } from '@kendt/contracts';
import { erasure, erasureStream } from '@kendt/domain';
import { type Clock, type Consumer, decision, type EventStore, handle, timestamp } from '@kendt/eventsourcing';
import { stepContext } from './contexts.js';

interface Deps {
  readonly store: EventStore;
  readonly clock: Clock;
}

/** Reads our own topic: a task that can be read there is safely on its way, whatever happens to us. */
export const publishedTasksConsumer = ({ store, clock }: Deps): Consumer => ({
  group: 'erasure-workflow',
  topics: [names.erasureTasks],
  handle: async (message) => {
    const { caseId, taskId } = fromMessage(message, erasureTaskMessages).data;
    const at = timestamp(clock);
    await handle(store, [decision(erasure, erasureStream(caseId), { type: 'NoteTaskPublished', at, data: { taskId } })], stepContext(caseId, `published-${taskId}`), at);
  },
});
