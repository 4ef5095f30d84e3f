import { describe, expect, it } from '@jest/globals';
import { fold } from '@kendt/kernel';
import { given } from '@kendt/testing';
import { erasure, type ErasureCommand, type ErasureEvent, readyForKeys, type RetainedRecord, type TaskKind } from './erasure.js';

describe('an erasure', () => {
  it('is requested once and confirmed by the one who asked', () => {
    given(erasure)().when(request).then(requested);
    given(erasure)(requested).when(request).thenNothing();
    given(erasure)(requested).when(confirm).then(confirmed);
    given(erasure)(requested, confirmed).when(confirm).thenNothing();
    given(erasure)().when(confirm).thenRefused('ERASURE_NOT_FOUND');
  });

  it('can be refused before it has begun', () => {
    given(erasure)(requested).when(refuse).then(refused);
    given(erasure)(requested, refused).when(confirm).thenRefused('ERASURE_REFUSED');
    given(erasure)(requested, confirmed).when(refuse).thenRefused('ERASURE_BEGUN');
  });

  it('gives each system its task, once, after the confirmation', () => {
    given(erasure)(requested).when(issueBoth).thenNothing();
    given(erasure)(requested, confirmed).when(issueBoth).then(issued('crm'), issued('erp'));
    given(erasure)(requested, confirmed, issued('crm')).when(issueBoth).then(issued('erp'));
  });

  it('lets the keys go only when every task is on its way', () => {
    const begun = [requested, confirmed, issued('crm'), issued('erp'), published('crm')];
    expect(readyForKeys(fold(erasure, begun))).toBe(false);
    given(erasure)(...begun).when(destroyKeys).thenRefused('TASKS_NOT_PUBLISHED');
    given(erasure)(...begun, published('erp')).when(destroyKeys).then(keysDestroyed);
    given(erasure)(...begun, published('erp'), keysDestroyed).when(destroyKeys).thenNothing();
  });

  it('is complete when the keys are gone and every system has answered, in whichever order', () => {
    given(erasure)(...underway, keysDestroyed, answered('crm', 'erased')).when(answer('erp', 'unknown')).then(answered('erp', 'unknown'), completed);
    given(erasure)(...underway, answered('crm', 'erased'), answered('erp', 'erased')).when(destroyKeys).then(keysDestroyed, completed);
    given(erasure)(...underway, keysDestroyed).when(answer('crm', 'erased')).then(answered('crm', 'erased'));
  });

  it('is complete with the keys alone where no system holds anything', () => {
    given(erasure)(requested, confirmed).when(destroyKeys).then(keysDestroyed, completed);
  });

  it('keeps what a law protects, and says which', () => {
    given(erasure)(...underway, keysDestroyed, answered('crm', 'erased'))
      .when(answer('erp', 'retained', [invoice]))
      .then(answered('erp', 'retained'), retained, completed);
  });

  it('takes the first answer and no other, and none from another system', () => {
    given(erasure)(...underway, answered('crm', 'erased')).when(answer('crm', 'unknown')).thenNothing();
    given(erasure)(...underway).when({ ...answer('crm', 'erased'), data: { ...answer('crm', 'erased').data, systemId: 'erp' } }).thenRefused('TASK_OF_ANOTHER_SYSTEM');
    given(erasure)(...underway).when(answer('shop', 'erased')).thenRefused('TASK_NOT_FOUND');
  });

  it('stays open after a failure, until the system has done it', () => {
    given(erasure)(...underway, keysDestroyed, answered('crm', 'erased')).when(fail).then(failed);
    given(erasure)(...underway, keysDestroyed, answered('crm', 'erased'), failed).when(answer('erp', 'erased')).then(answered('erp', 'erased'), completed);
  });

  it('notes each overdue task once', () => {
    const late: ErasureCommand = { type: 'NoteOverdueTasks', at: '2026-05-01T00:00:00.000Z', data: {} };
    const overdue: ErasureEvent = { type: 'TaskOverdue', data: { taskId: 'task-erp', systemId: 'erp', dueAt: due, overdueAt: late.at } };
    given(erasure)(...underway, answered('crm', 'erased')).when(late).then(overdue);
    given(erasure)(...underway, answered('crm', 'erased'), overdue).when(late).thenNothing();
  });

  it('asks again when the time of a retained record has come', () => {
    const done = [...underway, keysDestroyed, answered('crm', 'erased'), answered('erp', 'retained'), retained, completed];
    const second = { taskId: 'task-erp-2', systemId: 'erp', kind: 'erase-retained' as TaskKind, dueAt: due, records: [invoice.record] };
    const end: ErasureCommand = { type: 'EndRetention', at, data: { tasks: [second] } };
    const ended: ErasureEvent = { type: 'RetentionEnded', data: { systemId: 'erp', records: [invoice.record], endedAt: at } };
    const secondIssued: ErasureEvent = { type: 'TaskIssued', data: { ...second, customerId: 'ida', issuedAt: at } };
    given(erasure)(...done).when(end).then(ended, secondIssued);
    given(erasure)(...done, ended, secondIssued).when(end).thenNothing();
    given(erasure)(...done, ended, secondIssued)
      .when({ type: 'AnswerTask', at, data: { taskId: second.taskId, systemId: 'erp', outcome: 'erased', retained: [] } })
      .then(
        { type: 'TaskAcknowledged', data: { taskId: second.taskId, systemId: 'erp', outcome: 'erased', acknowledgedAt: at } },
        { type: 'RetainedDataErased', data: { taskId: second.taskId, systemId: 'erp', records: [invoice.record], erasedAt: at } },
      );
  });

  it('keeps a record for longer where the system says so, and asks again then', () => {
    const done = [...underway, keysDestroyed, answered('crm', 'erased'), answered('erp', 'retained'), retained, completed];
    const second = { taskId: 'task-erp-2', systemId: 'erp', kind: 'erase-retained' as TaskKind, dueAt: due, records: [invoice.record] };
    const asked: ErasureEvent = { type: 'TaskIssued', data: { ...second, customerId: 'ida', issuedAt: at } };
    const ended: ErasureEvent = { type: 'RetentionEnded', data: { systemId: 'erp', records: [invoice.record], endedAt: at } };
    const longer = { ...invoice, until: '2033-12-31' };
    const keptLonger: ErasureEvent = { type: 'DataRetained', data: { ...longer, taskId: second.taskId, systemId: 'erp', retainedAt: at } };
    const acknowledged: ErasureEvent = { type: 'TaskAcknowledged', data: { taskId: second.taskId, systemId: 'erp', outcome: 'retained', acknowledgedAt: at } };
    given(erasure)(...done, ended, asked)
      .when({ type: 'AnswerTask', at, data: { taskId: second.taskId, systemId: 'erp', outcome: 'retained', retained: [longer] } })
      .then(acknowledged, keptLonger);
    expect(fold(erasure, [...done, ended, asked, acknowledged, keptLonger])).toMatchObject({ retained: [{ ...longer, systemId: 'erp', ended: false }] });
  });

  it('does not wait for a second task to be complete', () => {
    const second = { taskId: 'task-erp-2', systemId: 'erp', kind: 'erase-retained' as TaskKind, dueAt: due, records: [invoice.record] };
    given(erasure)(...underway, keysDestroyed, answered('erp', 'retained'), retained, { type: 'TaskIssued', data: { ...second, customerId: 'ida', issuedAt: at } })
      .when(answer('crm', 'erased'))
      .then(answered('crm', 'erased'), completed);
  });
});

const at = '2026-03-01T12:00:00.000Z';
const due = '2026-04-01T12:00:00.000Z';
const request: ErasureCommand = { type: 'RequestErasure', at, data: { customerId: 'ida', channel: 'web', dueAt: due } };
const requested: ErasureEvent = { type: 'ErasureRequested', data: { customerId: 'ida', channel: 'web', dueAt: due, requestedAt: at } };
const confirm: ErasureCommand = { type: 'ConfirmRequester', at, data: {} };
const confirmed: ErasureEvent = { type: 'RequesterConfirmed', data: { customerId: 'ida', confirmedAt: at } };
const refuse: ErasureCommand = { type: 'RefuseErasure', at, data: { reason: 'not the customer' } };
const refused: ErasureEvent = { type: 'ErasureRefused', data: { customerId: 'ida', reason: 'not the customer', refusedAt: at } };
const order = (systemId: string) => ({ taskId: `task-${systemId}`, systemId, kind: 'erase' as TaskKind, dueAt: due });
const issueBoth: ErasureCommand = { type: 'IssueTasks', at, data: { tasks: [order('crm'), order('erp')] } };
const issued = (systemId: string): ErasureEvent => ({ type: 'TaskIssued', data: { ...order(systemId), customerId: 'ida', issuedAt: at } });
const published = (systemId: string): ErasureEvent => ({ type: 'TaskPublished', data: { taskId: `task-${systemId}`, publishedAt: at } });
const underway = [requested, confirmed, issued('crm'), issued('erp'), published('crm'), published('erp')];
const destroyKeys: ErasureCommand = { type: 'RecordKeysDestroyed', at, data: { groups: ['contact', 'credential'] } };
const keysDestroyed: ErasureEvent = { type: 'KeysDestroyed', data: { customerId: 'ida', groups: ['contact', 'credential'], destroyedAt: at } };
const completed: ErasureEvent = { type: 'ErasureCompleted', data: { customerId: 'ida', completedAt: at } };
const invoice: RetainedRecord = { record: 'inv-7', what: 'invoice', law: 'bogføringsloven § 12', basis: 'GDPR 6(1)(c)', until: '2031-12-31' };
const answer = (systemId: string, outcome: 'erased' | 'retained' | 'unknown', kept: RetainedRecord[] = []) => ({
  type: 'AnswerTask' as const,
  at,
  data: { taskId: `task-${systemId}`, systemId, outcome, retained: kept },
});
const answered = (systemId: string, outcome: 'erased' | 'retained' | 'unknown'): ErasureEvent => ({
  type: 'TaskAcknowledged',
  data: { taskId: `task-${systemId}`, systemId, outcome, acknowledgedAt: at },
});
const retained: ErasureEvent = { type: 'DataRetained', data: { ...invoice, taskId: 'task-erp', systemId: 'erp', retainedAt: at } };
const fail: ErasureCommand = { type: 'AnswerTask', at, data: { taskId: 'task-erp', systemId: 'erp', outcome: 'failed', reason: 'disk full', retained: [] } };
const failed: ErasureEvent = { type: 'TaskFailed', data: { taskId: 'task-erp', systemId: 'erp', reason: 'disk full', failedAt: at } };
