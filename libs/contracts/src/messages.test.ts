import { describe, expect, it } from '@jest/globals';
import { goldenMessages } from './golden-messages.js';
import { jsonSchemaOf } from './message-schema.js';
import { fieldsOf } from './schema-fields.js';
import { everyMessage, publicTopics } from './topic-catalogue.js';
import { topicContracts } from './topics.js';
import { erasureReceiptMessages, ErasureReceipt, HoldingReported, PurchaseReported } from './inbound.messages.js';

const golden = goldenMessages();
const sample = (type: string) => golden.find((message) => message.type === type)?.data ?? {};

describe('the golden messages', () => {
  it.each(golden)('$file is read today as it was written', ({ type, data }) => {
    expect(everyMessage[type]?.parse(data)).toEqual(data);
  });

  it('leave no type out', () => {
    expect(new Set(golden.map(({ type }) => type))).toEqual(new Set(Object.keys(everyMessage)));
  });

  it('have a sample of every answer to a task', () => {
    const outcomes = golden.filter(({ type }) => type in erasureReceiptMessages).map(({ data }) => (data as ErasureReceipt).outcome);
    expect(outcomes.sort()).toEqual(['erased', 'failed', 'retained', 'unknown']);
  });

  it('go to topics that an installation makes', () => {
    const names = topicContracts({ brands: ['fjord'], systems: ['erp'] }).map(({ name }) => name);
    expect(golden.filter(({ topic }) => !names.includes(topic))).toEqual([]);
  });

  it('have no field for personal data on any topic that Kendt writes but the profiles', () => {
    const harmless = /^(Id|list of Id|Slug|Time|Channel|Language|NoticeVersion|(`[a-z-]+`(, )?)+)$/;
    const told = publicTopics.filter(({ direction, id }) => direction === 'out' && id !== 'profiles');
    expect(told.map(({ id }) => id)).toEqual(['customers', 'consents', 'erasure-tasks']);
    const schemas = told.flatMap(({ messages }) => Object.values(messages)).map(jsonSchemaOf);
    expect(schemas.flatMap((schema) => fieldsOf(schema, schema)).filter(({ type }) => !harmless.test(type))).toEqual([]);
  });

  it('carry personal data on the profile topic only', () => {
    const others = golden.filter(({ topic }) => !topic.startsWith('kendt.profiles.'));
    expect(JSON.stringify(others)).not.toMatch(/@|Holm|\+45/);
  });
});

describe('what systems send is read strictly', () => {
  const receipt = { taskId: 't', caseId: 'c', customerId: 'ida', at: '2026-03-01T09:30:00.000Z' };
  const kept = { record: 'INV-1', what: 'invoice', law: 'bogføringsloven § 12', basis: 'GDPR art. 6(1)(c)', until: '2031-12-31' };

  it.each([
    ['an outcome that nobody knows', { ...receipt, outcome: 'forgotten' }],
    ['retained without a record', { ...receipt, outcome: 'retained', retained: [] }],
    ['a record without a law', { ...receipt, outcome: 'retained', retained: [{ ...kept, law: '' }] }],
    ['an end that is no day', { ...receipt, outcome: 'retained', retained: [{ ...kept, until: '2031-02-30' }] }],
    ['an end with a time', { ...receipt, outcome: 'retained', retained: [{ ...kept, until: '2031-12-31T00:00:00.000Z' }] }],
    ['failed without a reason', { ...receipt, outcome: 'failed' }],
    ['erased, and yet retained', { ...receipt, outcome: 'erased', retained: [kept] }],
    ['a record id with spaces, which may be a name', { ...receipt, outcome: 'retained', retained: [{ ...kept, record: 'Ida Holm' }] }],
  ])('a receipt with %s', (_, given) => {
    expect(ErasureReceipt.safeParse(given).success).toBe(false);
  });

  it('a holding with a field that is not known', () => {
    expect(HoldingReported.safeParse({ ...sample('kendt.holding.reported.v1'), email: 'x' }).success).toBe(false);
  });

  it.each([
    ['a fraction of an øre', { total: 12.5 }],
    ['a currency in small letters', { currency: 'dkk' }],
    ['no lines', { lines: [] }],
    ['a brand that is no slug', { brandId: 'Fjord Møbler' }],
  ])('a purchase with %s', (_, change) => {
    expect(PurchaseReported.safeParse({ ...sample('kendt.purchase.reported.v1'), ...change }).success).toBe(false);
  });
});
