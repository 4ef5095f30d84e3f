import { describe, expect, it } from '@jest/globals';
import type { Customer } from './customer.js';
import { activeFor, unfrozenFor, visibleTo } from './visible.js';

const ida: Customer = { status: 'active', kind: 'full', language: 'da', brands: ['fjord'], emailVerified: true, identities: {}, references: {} };
const suspended: Customer = { ...ida, status: 'suspended', suspendedFor: 'fraud' };
const frozen: Customer = { ...ida, status: 'frozen', caseId: 'case-1' };

const refusal = (ask: () => unknown): unknown => {
  try {
    return ask();
  } catch (error) {
    const { code, message, kind } = error as { code: string; message: string; kind: string };
    return { code, message, kind };
  }
};

describe('who may know of a customer', () => {
  it('is her brand, and the group', () => {
    expect(visibleTo(ida, 'fjord')).toBe(ida);
    expect(visibleTo(ida, undefined)).toBe(ida);
    expect(visibleTo(suspended, 'fjord')).toBe(suspended);
    expect(visibleTo(frozen, 'fjord')).toBe(frozen);
  });

  it('is nobody else, and the refusal does not say why', () => {
    const unknown = refusal(() => visibleTo({ status: 'absent' }, 'lund'));
    expect(unknown).toEqual({ code: 'CUSTOMER_NOT_FOUND', message: 'No such customer', kind: 'not-found' });
    for (const customer of [ida, suspended, frozen, { status: 'erased', caseId: 'case-1' } as const]) {
      expect(refusal(() => visibleTo(customer, 'lund'))).toEqual(unknown);
      expect(refusal(() => unfrozenFor(customer, 'lund'))).toEqual(unknown);
      expect(refusal(() => activeFor(customer, 'lund'))).toEqual(unknown);
    }
  });

  it('adds nothing once an erasure has begun', () => {
    expect(activeFor(ida, 'fjord')).toBe(ida);
    for (const ask of [activeFor, unfrozenFor]) expect(refusal(() => ask(frozen, 'fjord'))).toMatchObject({ code: 'CUSTOMER_FROZEN', kind: 'gone' });
  });

  it('gives nothing new to who is suspended, and takes nothing away', () => {
    expect(unfrozenFor(suspended, 'fjord')).toBe(suspended);
    expect(refusal(() => activeFor(suspended, 'fjord'))).toMatchObject({ code: 'CUSTOMER_SUSPENDED', kind: 'conflict' });
  });
});
