import { type Command, type Decider, type Event, isErased, Refusal, unreachable } from '@kendt/kernel';

export type CredentialCommand =
  | Command<'SetPassword', { passwordHash: string }>
  | Command<'LockCredentials', { until: string }>
  | Command<'UnlockCredentials', Record<never, never>>
  | Command<'DestroyCredentials', Record<never, never>>;

export type CredentialEvent =
  | Event<'PasswordSet', { setAt: string }, { credential: { passwordHash: string } }>
  | Event<'CredentialsLocked', { until: string; lockedAt: string }>
  | Event<'CredentialsUnlocked', { unlockedAt: string }>
  | Event<'CredentialsDestroyed', { destroyedAt: string }>;

/** `passwordHash` is absent once its key is destroyed: nobody logs in with it any more. */
export interface Credential {
  readonly status: 'absent' | 'set' | 'destroyed';
  readonly passwordHash?: string;
  readonly lockedUntil?: string;
}

const initialState: Credential = { status: 'absent' };

const decide = (command: CredentialCommand, credential: Credential): readonly CredentialEvent[] => {
  if (credential.status === 'destroyed') {
    if (command.type === 'SetPassword') throw new Refusal('CREDENTIALS_DESTROYED', 'These credentials were destroyed', 'gone');
    return [];
  }
  switch (command.type) {
    case 'SetPassword':
      return [{ type: 'PasswordSet', data: { setAt: command.at }, personal: { credential: { passwordHash: command.data.passwordHash } } }];
    case 'LockCredentials':
      if (credential.lockedUntil && credential.lockedUntil >= command.data.until) return [];
      return [{ type: 'CredentialsLocked', data: { until: command.data.until, lockedAt: command.at } }];
    case 'UnlockCredentials':
      return credential.lockedUntil ? [{ type: 'CredentialsUnlocked', data: { unlockedAt: command.at } }] : [];
    case 'DestroyCredentials':
      return [{ type: 'CredentialsDestroyed', data: { destroyedAt: command.at } }];
    default:
      return unreachable(command);
  }
};

const evolve = (credential: Credential, event: CredentialEvent): Credential => {
  switch (event.type) {
    case 'PasswordSet': {
      const secret = event.personal.credential;
      return { status: 'set', ...(!isErased(secret) && { passwordHash: secret.passwordHash }) };
    }
    case 'CredentialsLocked':
      return { ...credential, lockedUntil: event.data.until };
    case 'CredentialsUnlocked': {
      const { lockedUntil: _, ...rest } = credential;
      return rest;
    }
    case 'CredentialsDestroyed':
      return { status: 'destroyed' };
    default:
      event satisfies never;
      return credential;
  }
};

export const credential: Decider<CredentialCommand, CredentialEvent, Credential> = { initialState, decide, evolve };

export const credentialStream = (customerId: string): string => `credential-${customerId}`;
