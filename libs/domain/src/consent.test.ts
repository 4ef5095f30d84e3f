import { describe, expect, it } from '@jest/globals';
import { fold } from '@kendt/kernel';
import { given } from '@kendt/testing';
import { consent, type ConsentCommand, type ConsentEvent, isGranted } from './consent.js';

describe('a consent', () => {
  it('is granted on the notice in force', () => {
    given(consent)().when(grant(2, 2)).then(granted(2));
    given(consent)().when(grant(1, 2)).thenRefused('CONSENT_NOTICE_OUTDATED');
    given(consent)().when(grant(3, 2)).thenRefused('CONSENT_NOTICE_UNKNOWN');
  });

  it('is not granted twice on the same notice, but anew on a newer one', () => {
    given(consent)(granted(1)).when(grant(1, 1)).thenNothing();
    given(consent)(granted(1)).when(grant(2, 2)).then(granted(2));
  });

  it('is withdrawn at any time, and withdrawing never fails', () => {
    given(consent)(granted(1)).when(withdraw).then(withdrawn);
    given(consent)(granted(1), withdrawn).when(withdraw).thenNothing();
    given(consent)(refused(1)).when(withdraw).thenNothing();
    given(consent)().when(withdraw).thenNothing();
  });

  it('can be given again after a withdrawal', () => {
    given(consent)(granted(1), withdrawn).when(grant(1, 1)).then(granted(1));
  });

  it('takes a no for an answer, also after a yes', () => {
    given(consent)(granted(1)).when(refuse).then(refused(1));
    given(consent)(refused(1)).when(refuse).thenNothing();
  });

  it('stands for one brand and one purpose alone', () => {
    const consents = fold(consent, [granted(1)]);
    expect(isGranted(consents, 'fjord', 'newsletter')).toBe(true);
    expect(isGranted(consents, 'lund', 'newsletter')).toBe(false);
    expect(isGranted(consents, 'fjord', 'personal-offers')).toBe(false);
    expect(isGranted(fold(consent, [granted(1), withdrawn]), 'fjord', 'newsletter')).toBe(false);
  });
});

const at = '2026-03-01T12:00:00.000Z';
const answer = (noticeVersion: number) => ({ brandId: 'fjord', purposeId: 'newsletter', noticeVersion, language: 'da', channel: 'web' });
const grant = (version: number, currentNotice: number): ConsentCommand => ({ type: 'GrantConsent', at, data: { ...answer(version), currentNotice } });
const refuse: ConsentCommand = { type: 'RefuseConsent', at, data: { ...answer(1), currentNotice: 1 } };
const withdraw: ConsentCommand = { type: 'WithdrawConsent', at, data: { brandId: 'fjord', purposeId: 'newsletter', channel: 'web' } };
const granted = (version: number): ConsentEvent => ({ type: 'ConsentGranted', data: { ...answer(version), grantedAt: at } });
const refused = (version: number): ConsentEvent => ({ type: 'ConsentRefused', data: { ...answer(version), refusedAt: at } });
const withdrawn: ConsentEvent = { type: 'ConsentWithdrawn', data: { brandId: 'fjord', purposeId: 'newsletter', channel: 'web', withdrawnAt: at } };
