import { outgoingTopic, reminderHeader, topics as names, toMessage } from '@kendt/contracts';
import { erasure, type ErasureEvent, type ErasureTask, type OpenErasure } from '@kendt/domain';
import {
  type EventStore, keyOf, type OutgoingMessage, publishing, type PublishingFollower, readState, type StoredEvent, type Topics,
} from '@kendt/eventsourcing';

export const tasksPublisherName = 'publish-erasure-tasks';

/** Every task goes out when it is issued, and once more when it is overdue. */
export const erasureTasksPublisher = (topics: Pick<Topics, 'publish' | 'ensure'>, store: Pick<EventStore, 'read'>, source: string): PublishingFollower =>
  publishing(topics, {
    name: tasksPublisherName,
    categories: ['erasure'],
    topics: [names.erasureTasks],
    define: outgoingTopic,
    map: async (stored) => {
      const event = stored as unknown as ErasureEvent;
      if (event.type === 'TaskIssued') return [taskMessage(stored, event.data.customerId, event.data, source)];
      if (event.type !== 'TaskOverdue') return [];
      const { customerId, tasks } = await caseAt(store, stored);
      const task = tasks[event.data.taskId];
      return task ? [reminder(taskMessage(stored, customerId, task, source))] : [];
    },
  });

type Order = Pick<ErasureTask, 'taskId' | 'systemId' | 'kind' | 'issuedAt' | 'dueAt' | 'records'>;

const taskMessage = (event: StoredEvent, customerId: string, { taskId, systemId, kind, issuedAt, dueAt, records }: Order, source: string): OutgoingMessage =>
  toMessage({
    topic: names.erasureTasks,
    key: customerId,
    type: 'kendt.erasure.task-issued.v1',
    source,
    id: event.id,
    time: event.metadata.recordedAt,
    sequence: event.position,
    ...(event.metadata.traceparent && { traceparent: event.metadata.traceparent }),
    data: { taskId, caseId: keyOf(event.stream), customerId, systemId, kind, issuedAt, dueAt, ...(records && { records }) },
  });

const reminder = (message: OutgoingMessage): OutgoingMessage => ({ ...message, headers: { ...message.headers, [reminderHeader]: 'true' } });

const caseAt = async (store: Pick<EventStore, 'read'>, { stream }: StoredEvent): Promise<OpenErasure> => {
  const state = await readState(store, erasure, stream);
  if (state.status === 'absent') throw new Error('An overdue task of a case that is not there');
  return state;
};
