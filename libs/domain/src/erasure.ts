import { type Command, type DataGroup, type Decider, type Event, Refusal, unreachable } from '@kendt/kernel';

/** A record that a law keeps, and until when (ISO 8601 date). */
export interface RetainedRecord {
  readonly record: string;
  readonly what: string;
  readonly law: string;
  readonly basis: string;
  readonly until: string;
}

export type TaskKind = 'erase' | 'erase-retained';
export type TaskOutcome = 'erased' | 'retained' | 'unknown' | 'failed';

interface TaskOrder {
  readonly taskId: string;
  readonly systemId: string;
  readonly kind: TaskKind;
  readonly dueAt: string;
  /** Which records, where `kind` is `erase-retained`. */
  readonly records?: readonly string[];
}

interface TaskAnswer {
  readonly taskId: string;
  readonly systemId: string;
  readonly outcome: TaskOutcome;
  readonly reason?: string;
}

export type ErasureCommand =
  | Command<'RequestErasure', { customerId: string; channel: string; dueAt: string; language?: 'da' | 'en' }>
  | Command<'ConfirmRequester', Record<never, never>>
  | Command<'RefuseErasure', { reason: string }>
  | Command<'IssueTasks', { tasks: readonly TaskOrder[] }>
  | Command<'NoteTaskPublished', { taskId: string }>
  | Command<'AnswerTask', TaskAnswer & { retained: readonly RetainedRecord[] }>
  | Command<'NoteOverdueTasks', Record<never, never>>
  | Command<'ExtendDeadline', { dueAt: string; reason: string }>
  | Command<'RecordKeysDestroyed', { groups: readonly DataGroup[] }>
  | Command<'EndRetention', { tasks: readonly TaskOrder[] }>;

export type ErasureEvent =
  | Event<'ErasureRequested', { customerId: string; channel: string; dueAt: string; language?: 'da' | 'en'; requestedAt: string }>
  | Event<'RequesterConfirmed', { customerId: string; confirmedAt: string }>
  | Event<'ErasureRefused', { customerId: string; reason: string; refusedAt: string }>
  | Event<'TaskIssued', TaskOrder & { customerId: string; issuedAt: string }>
  | Event<'TaskPublished', { taskId: string; publishedAt: string }>
  | Event<'TaskAcknowledged', { taskId: string; systemId: string; outcome: 'erased' | 'retained' | 'unknown'; acknowledgedAt: string }>
  | Event<'DataRetained', RetainedRecord & { taskId: string; systemId: string; retainedAt: string }>
  | Event<'TaskFailed', { taskId: string; systemId: string; reason: string; failedAt: string }>
  | Event<'TaskOverdue', { taskId: string; systemId: string; dueAt: string; overdueAt: string }>
  | Event<'DeadlineExtended', { dueAt: string; reason: string; extendedAt: string }>
  | Event<'KeysDestroyed', { customerId: string; groups: readonly DataGroup[]; destroyedAt: string }>
  | Event<'ErasureCompleted', { customerId: string; completedAt: string }>
  | Event<'RetentionEnded', { systemId: string; records: readonly string[]; endedAt: string }>
  | Event<'RetainedDataErased', { taskId: string; systemId: string; records: readonly string[]; erasedAt: string }>;

export interface ErasureTask extends TaskOrder {
  readonly status: 'issued' | 'published' | TaskOutcome;
  readonly issuedAt: string;
  readonly answeredAt?: string;
  readonly reason?: string;
  readonly overdue: boolean;
}

export interface Retained extends RetainedRecord {
  readonly systemId: string;
  readonly ended: boolean;
  readonly erasedAt?: string;
}

export interface OpenErasure {
  readonly status: 'requested' | 'confirmed' | 'completed' | 'refused';
  readonly customerId: string;
  readonly channel: string;
  /** Of the mails; absent: the customer's own. */
  readonly language?: 'da' | 'en';
  readonly requestedAt: string;
  readonly dueAt: string;
  readonly confirmedAt?: string;
  readonly completedAt?: string;
  readonly tasks: Readonly<Record<string, ErasureTask>>;
  readonly retained: readonly Retained[];
  readonly keys?: { readonly groups: readonly DataGroup[]; readonly destroyedAt: string };
}

export type Erasure = { readonly status: 'absent' } | OpenErasure;

const initialState: Erasure = { status: 'absent' };

const decide = (command: ErasureCommand, erasure: Erasure): readonly ErasureEvent[] => {
  if (command.type === 'RequestErasure')
    return erasure.status === 'absent' ? [{ type: 'ErasureRequested', data: { ...command.data, requestedAt: command.at } }] : [];
  if (erasure.status === 'absent') throw new Refusal('ERASURE_NOT_FOUND', 'No such erasure case', 'not-found');
  return decideOpen(command, erasure);
};

const decideOpen = (command: Exclude<ErasureCommand, { type: 'RequestErasure' }>, erasure: OpenErasure): readonly ErasureEvent[] => {
  const { customerId } = erasure;
  switch (command.type) {
    case 'ConfirmRequester':
      if (erasure.status === 'refused') throw new Refusal('ERASURE_REFUSED', 'This request was refused');
      return erasure.status === 'requested' ? [{ type: 'RequesterConfirmed', data: { customerId, confirmedAt: command.at } }] : [];
    case 'RefuseErasure':
      if (erasure.status !== 'requested') throw new Refusal('ERASURE_BEGUN', 'The erasure has begun and cannot be refused any more');
      return [{ type: 'ErasureRefused', data: { customerId, reason: command.data.reason, refusedAt: command.at } }];
    case 'IssueTasks':
      return issue(command.data.tasks, erasure, command.at);
    case 'NoteTaskPublished':
      return taskOf(erasure, command.data.taskId).status === 'issued' ? [{ type: 'TaskPublished', data: { ...command.data, publishedAt: command.at } }] : [];
    case 'AnswerTask':
      return answer(command, erasure);
    case 'NoteOverdueTasks':
      return overdue(erasure, command.at);
    case 'ExtendDeadline':
      return [{ type: 'DeadlineExtended', data: { ...command.data, extendedAt: command.at } }];
    case 'RecordKeysDestroyed':
      return keysDestroyed(command, erasure);
    case 'EndRetention':
      return endRetention(command, erasure);
    default:
      return unreachable(command);
  }
};

const issue = (tasks: readonly TaskOrder[], erasure: OpenErasure, at: string): readonly ErasureEvent[] => {
  if (erasure.status !== 'confirmed') return [];
  return tasks.filter(({ taskId }) => !erasure.tasks[taskId]).map((task) => issued(task, erasure.customerId, at));
};

const issued = (task: TaskOrder, customerId: string, issuedAt: string): ErasureEvent => ({ type: 'TaskIssued', data: { ...task, customerId, issuedAt } });

const taskOf = (erasure: OpenErasure, taskId: string): ErasureTask => {
  const task = erasure.tasks[taskId];
  if (!task) throw new Refusal('TASK_NOT_FOUND', 'No such task in this case', 'not-found');
  return task;
};

const isSettled = ({ status }: ErasureTask): boolean => status === 'erased' || status === 'retained' || status === 'unknown';

const answer = ({ data, at }: Extract<ErasureCommand, { type: 'AnswerTask' }>, erasure: OpenErasure): readonly ErasureEvent[] => {
  const { retained, taskId, systemId, outcome } = data;
  const task = taskOf(erasure, taskId);
  if (task.systemId !== systemId) throw new Refusal('TASK_OF_ANOTHER_SYSTEM', 'This task was given to another system', 'forbidden');
  if (isSettled(task)) return [];
  if (outcome === 'failed') return [{ type: 'TaskFailed', data: { taskId, systemId, reason: data.reason ?? 'unknown', failedAt: at } }];
  const acknowledged: ErasureEvent = { type: 'TaskAcknowledged', data: { taskId, systemId, outcome, acknowledgedAt: at } };
  if (outcome === 'retained') return withCompletion([acknowledged, ...retained.map((record) => kept(record, data, at))], erasure, at);
  if (task.kind === 'erase-retained') return [acknowledged, { type: 'RetainedDataErased', data: { taskId, systemId, records: task.records ?? [], erasedAt: at } }];
  return withCompletion([acknowledged], erasure, at);
};

const kept = (record: RetainedRecord, { taskId, systemId }: TaskAnswer, retainedAt: string): ErasureEvent => ({
  type: 'DataRetained',
  data: { ...record, taskId, systemId, retainedAt },
});

const overdue = (erasure: OpenErasure, at: string): readonly ErasureEvent[] =>
  Object.values(erasure.tasks)
    .filter((task) => !isSettled(task) && !task.overdue && task.dueAt < at)
    .map(({ taskId, systemId, dueAt }) => ({ type: 'TaskOverdue', data: { taskId, systemId, dueAt, overdueAt: at } }));

/** Keys go once every task is safely on its way; a slow system is chased, and does not hold up the rest. */
const keysDestroyed = ({ data, at }: Extract<ErasureCommand, { type: 'RecordKeysDestroyed' }>, erasure: OpenErasure): readonly ErasureEvent[] => {
  if (erasure.keys) return [];
  if (!readyForKeys(erasure)) throw new Refusal('TASKS_NOT_PUBLISHED', 'A task is not on its way yet');
  return withCompletion([{ type: 'KeysDestroyed', data: { customerId: erasure.customerId, groups: data.groups, destroyedAt: at } }], erasure, at);
};

const endRetention = ({ data, at }: Extract<ErasureCommand, { type: 'EndRetention' }>, erasure: OpenErasure): readonly ErasureEvent[] =>
  data.tasks
    .filter(({ taskId }) => !erasure.tasks[taskId])
    .flatMap((task) => [
      { type: 'RetentionEnded', data: { systemId: task.systemId, records: task.records ?? [], endedAt: at } },
      issued(task, erasure.customerId, at),
    ]);

/** What a law keeps for longer is asked for later: only the first task of a system counts towards completion. */
const isAnswered = (task: ErasureTask): boolean => task.kind === 'erase-retained' || isSettled(task);

/** Complete once the keys are gone and every system has answered. */
const withCompletion = (events: readonly ErasureEvent[], before: OpenErasure, at: string): readonly ErasureEvent[] => {
  const after = events.reduce<Erasure>(evolve, before);
  if (after.status !== 'confirmed' || !after.keys || !Object.values(after.tasks).every(isAnswered)) return events;
  return [...events, { type: 'ErasureCompleted', data: { customerId: after.customerId, completedAt: at } }];
};

/** True when every first task has been published and the keys may go. */
export const readyForKeys = (erasure: Erasure): boolean =>
  erasure.status === 'confirmed' && !erasure.keys && Object.values(erasure.tasks).every(({ status }) => status !== 'issued');

const evolve = (erasure: Erasure, event: ErasureEvent): Erasure => {
  if (event.type === 'ErasureRequested') return { status: 'requested', ...event.data, tasks: {}, retained: [] };
  if (erasure.status === 'absent') return erasure;
  switch (event.type) {
    case 'RequesterConfirmed':
      return { ...erasure, status: 'confirmed', confirmedAt: event.data.confirmedAt };
    case 'ErasureRefused':
      return { ...erasure, status: 'refused' };
    case 'TaskIssued': {
      const { customerId: _, ...task } = event.data;
      return { ...erasure, tasks: { ...erasure.tasks, [task.taskId]: { ...task, status: 'issued', overdue: false } } };
    }
    case 'TaskPublished':
      return withTask(erasure, event.data.taskId, { status: 'published' });
    case 'TaskAcknowledged':
      return withTask(erasure, event.data.taskId, { status: event.data.outcome, answeredAt: event.data.acknowledgedAt });
    case 'TaskFailed':
      return withTask(erasure, event.data.taskId, { status: 'failed', answeredAt: event.data.failedAt, reason: event.data.reason });
    case 'TaskOverdue':
      return withTask(erasure, event.data.taskId, { overdue: true });
    case 'DataRetained': {
      const { taskId: _t, retainedAt: _r, ...record } = event.data;
      // Named again, it is kept for longer than was said before.
      return { ...erasure, retained: [...erasure.retained.filter((other) => !sameRecord(other, record)), { ...record, ended: false }] };
    }
    case 'DeadlineExtended':
      return { ...erasure, dueAt: event.data.dueAt };
    case 'KeysDestroyed':
      return { ...erasure, keys: { groups: event.data.groups, destroyedAt: event.data.destroyedAt } };
    case 'ErasureCompleted':
      return { ...erasure, status: 'completed', completedAt: event.data.completedAt };
    case 'RetentionEnded':
      return { ...erasure, retained: markRetained(erasure, event.data, { ended: true }) };
    case 'RetainedDataErased':
      return { ...erasure, retained: markRetained(erasure, event.data, { erasedAt: event.data.erasedAt }) };
    default:
      event satisfies never;
      return erasure;
  }
};

const withTask = (erasure: OpenErasure, taskId: string, change: Partial<ErasureTask>): OpenErasure => {
  const task = erasure.tasks[taskId];
  return task ? { ...erasure, tasks: { ...erasure.tasks, [taskId]: { ...task, ...change } } } : erasure;
};

type RecordId = Pick<Retained, 'systemId' | 'record'>;
const sameRecord = (one: RecordId, other: RecordId): boolean => one.systemId === other.systemId && one.record === other.record;

const markRetained = (erasure: OpenErasure, at: { systemId: string; records: readonly string[] }, change: Partial<Retained>): readonly Retained[] =>
  erasure.retained.map((record) => (record.systemId === at.systemId && at.records.includes(record.record) ? { ...record, ...change } : record));

export const erasure: Decider<ErasureCommand, ErasureEvent, Erasure> = { initialState, decide, evolve };

export const erasureStream = (caseId: string): string => `erasure-${caseId}`;
