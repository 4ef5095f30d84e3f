import { describe, expect, it } from '@jest/globals';
import { fold } from '@kendt/kernel';
import { given } from '@kendt/testing';
import { credential, type CredentialCommand, type CredentialEvent } from './credential.js';

describe('a credential', () => {
  it('is set, and set again', () => {
    given(credential)().when(setPassword).then(passwordSet);
    given(credential)(passwordSet).when(setPassword).then(passwordSet);
  });

  it('is locked until a moment, and only ever longer', () => {
    given(credential)(passwordSet).when(lock('12:15')).then(locked('12:15'));
    given(credential)(passwordSet, locked('12:15')).when(lock('12:10')).thenNothing();
    given(credential)(passwordSet, locked('12:15')).when(lock('12:20')).then(locked('12:20'));
  });

  it('can be destroyed once, and is never set again', () => {
    given(credential)(passwordSet).when(destroy).then(destroyed);
    given(credential)(passwordSet, destroyed).when(destroy).thenNothing();
    given(credential)(passwordSet, destroyed).when(setPassword).thenRefused('CREDENTIALS_DESTROYED');
  });

  it('has no password left once its key is gone', () => {
    expect(fold(credential, [{ ...passwordSet, personal: { credential: 'erased' } } as CredentialEvent])).toEqual({ status: 'set' });
  });
});

const at = '2026-03-01T12:00:00.000Z';
const time = (clock: string): string => `2026-03-01T${clock}:00.000Z`;
const setPassword: CredentialCommand = { type: 'SetPassword', at, data: { passwordHash: '$argon2id$…' } };
const passwordSet: CredentialEvent = { type: 'PasswordSet', data: { setAt: at }, personal: { credential: { passwordHash: '$argon2id$…' } } };
const lock = (until: string): CredentialCommand => ({ type: 'LockCredentials', at, data: { until: time(until) } });
const locked = (until: string): CredentialEvent => ({ type: 'CredentialsLocked', data: { until: time(until), lockedAt: at } });
const destroy: CredentialCommand = { type: 'DestroyCredentials', at, data: {} };
const destroyed: CredentialEvent = { type: 'CredentialsDestroyed', data: { destroyedAt: at } };
