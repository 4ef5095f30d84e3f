import { type Command, type Decider, type Event, unreachable } from '@kendt/kernel';

export type LoginCommand =
  | Command<'RecordLogin', { clientId: string; method: string }>
  | Command<'RecordFailedLogin', { clientId: string }>
  | Command<'RevokeSessions', { reason: string }>;

export type LoginEvent =
  | Event<'LoginSucceeded', { clientId: string; method: string; succeededAt: string }>
  | Event<'LoginFailed', { clientId: string; failedAt: string }>
  | Event<'SessionsRevoked', { reason: string; revokedAt: string }>;

/** Tokens and sessions older than `revokedAt` are dead. */
export interface Logins {
  readonly failuresInRow: number;
  readonly revokedAt?: string;
}

/** Locked after ten wrong passwords in a row, for a quarter of an hour: long enough to stop guessing, short enough not to be a weapon. */
export const failuresUntilLocked = 10;
export const lockedForMs = 15 * 60_000;

const initialState: Logins = { failuresInRow: 0 };

const decide = (command: LoginCommand): readonly LoginEvent[] => {
  switch (command.type) {
    case 'RecordLogin':
      return [{ type: 'LoginSucceeded', data: { ...command.data, succeededAt: command.at } }];
    case 'RecordFailedLogin':
      return [{ type: 'LoginFailed', data: { ...command.data, failedAt: command.at } }];
    case 'RevokeSessions':
      return [{ type: 'SessionsRevoked', data: { ...command.data, revokedAt: command.at } }];
    default:
      return unreachable(command);
  }
};

const evolve = (logins: Logins, event: LoginEvent): Logins => {
  switch (event.type) {
    case 'LoginSucceeded':
      return { ...logins, failuresInRow: 0 };
    case 'LoginFailed':
      return { ...logins, failuresInRow: logins.failuresInRow + 1 };
    case 'SessionsRevoked':
      return { ...logins, revokedAt: event.data.revokedAt };
    default:
      event satisfies never;
      return logins;
  }
};

export const login: Decider<LoginCommand, LoginEvent, Logins> = { initialState, decide, evolve };

/**
 * Whether what was issued then has been revoked since. Tokens know the second: one that was issued in the second of the
 * revocation is taken for a new one, since it is the customer who has just signed in again.
 * @param since seconds since 1970 (RFC 7519 `iat`); what carries no time is not revoked by one
 */
export const isRevoked = ({ revokedAt }: Logins, since: number | undefined): boolean =>
  revokedAt !== undefined && since !== undefined && since < Math.floor(Date.parse(revokedAt) / 1000);

export const loginStream = (customerId: string): string => `login-${customerId}`;
