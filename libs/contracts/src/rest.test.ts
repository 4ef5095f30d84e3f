import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import * as contracts from './index.js';
import { AnswerConsent } from './consent.schema.js';
import { FindCustomer } from './profile.schema.js';
import { fieldErrors } from './problem.schema.js';
import { ChangeContact, RegisterCustomer } from './registration.schema.js';
import { RetentionRule } from './erasure.schema.js';

const ida = { kind: 'full', email: 'ida.holm@example.org', name: { given: 'Ida', family: 'Holm' }, password: 'correct horse', language: 'da' };
const errors = (schema: z.ZodType, body: unknown) => fieldErrors(schema.safeParse(body).error?.issues ?? []);
const pointers = (schema: z.ZodType, body: unknown) => errors(schema, body).map(({ pointer }) => pointer);

describe('a registration', () => {
  it('takes spaces around an e-mail away, and starts without consents', () => {
    expect(RegisterCustomer.parse({ ...ida, email: '  ida.holm@example.org ' })).toEqual({ ...ida, consents: [] });
  });

  it('has a password of any characters that two keyboards may write differently', () => {
    const composed = RegisterCustomer.parse({ ...ida, password: 'blåbærgrød!' });
    expect(RegisterCustomer.parse({ ...ida, password: 'bla\u030abærgrød!' })).toEqual(composed);
  });

  it.each([
    ['an e-mail without a domain', { email: 'ida' }, '/email'],
    ['an e-mail that is too long', { email: `${'a'.repeat(250)}@b.dk` }, '/email'],
    ['a short password', { password: 'short' }, '/password'],
    ['a password without end', { password: 'a'.repeat(257) }, '/password'],
    ['a line break in a name', { name: { given: 'Ida\r\nBcc: all@example.org', family: 'Holm' } }, '/name/given'],
    ['a phone without its country', { phone: '20123456' }, '/phone'],
    ['a language that is not served', { language: 'de' }, '/language'],
    ['a consent that is neither yes nor no', { consents: [{ purposeId: 'newsletter', answer: 'maybe', noticeVersion: 1, language: 'da' }] }, '/consents/0/answer'],
    ['a field that is not known', { admin: true }, '/admin'],
    ['a kind that is not known', { kind: 'staff' }, '/kind'],
  ])('with %s is refused, and the pointer says where', (_, change, pointer) => {
    expect(pointers(RegisterCustomer, { ...ida, ...change })).toEqual([pointer]);
  });

  it('of a guest needs a language and nothing else, and takes no password', () => {
    expect(RegisterCustomer.parse({ kind: 'guest', language: 'en' })).toEqual({ kind: 'guest', language: 'en' });
    expect(pointers(RegisterCustomer, { kind: 'guest', language: 'en', password: 'correct horse' })).toEqual(['/password']);
  });

  it('is refused without repeating what was sent', () => {
    const secret = 'ida.holm@example.org/x';
    expect(JSON.stringify(errors(RegisterCustomer, { ...ida, email: secret, language: secret, [secret]: secret }))).not.toContain('ida.holm');
  });
});

describe('other commands', () => {
  it('finds by exactly one identifier', () => {
    expect(FindCustomer.parse({ email: ' ida@example.org', reason: 'till' })).toEqual({ email: 'ida@example.org', reason: 'till' });
    expect(FindCustomer.safeParse({ reason: 'till' }).success).toBe(false);
    expect(FindCustomer.safeParse({ email: 'ida@example.org', phone: '+4520123456', reason: 'till' }).success).toBe(false);
  });

  it('lets a consent be withdrawn with one word (GDPR 7(3))', () => {
    expect(AnswerConsent.parse({ answer: 'withdrawn' })).toEqual({ answer: 'withdrawn' });
    expect(pointers(AnswerConsent, { answer: 'granted' })).toEqual(['/noticeVersion', '/language']);
  });

  it('changes something, or is refused; null takes the phone away', () => {
    expect(ChangeContact.parse({ phone: null })).toEqual({ phone: null });
    expect(ChangeContact.safeParse({}).success).toBe(false);
  });

  it('counts from the end of a financial year only when it is told which', () => {
    const rule = { law: 'bogføringsloven § 12', keepFor: 'P5Y', from: 'financial-year-end' };
    expect(RetentionRule.safeParse({ ...rule, financialYearEnd: '12-31' }).success).toBe(true);
    expect(pointers(RetentionRule, rule)).toEqual(['/financialYearEnd']);
    expect(pointers(RetentionRule, { ...rule, financialYearEnd: '13-31' })).toEqual(['/financialYearEnd']);
    expect(pointers(RetentionRule, { ...rule, financialYearEnd: '12-31', keepFor: 'P' })).toEqual(['/keepFor']);
  });
});

const schemas = Object.entries(contracts as Record<string, unknown>).filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType);

describe('every schema', () => {
  it.each(schemas)('%s can be shown as JSON schema, and its examples hold', (_, schema) => {
    expect(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })).toBeDefined();
    for (const example of (schema.meta()?.['examples'] ?? []) as unknown[]) expect(schema.safeParse(example)).toMatchObject({ success: true });
  });

  it('has its own name as component', () => {
    const named = schemas.flatMap(([name, schema]) => (schema.meta()?.id === undefined ? [] : [[name, schema.meta()?.id]]));
    expect(named.filter(([name, id]) => name !== id)).toEqual([]);
  });
});
