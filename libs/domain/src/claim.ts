import { type Command, type Decider, type Event, Refusal, unreachable } from '@kendt/kernel';

/** Uniqueness of an e-mail, phone, provider subject or loyalty number: its stream is named after the keyed hash. */
export type ClaimCommand = Command<'ClaimIdentifier', { customerId: string }> | Command<'ReleaseIdentifier', { customerId: string }>;

export type ClaimEvent =
  | Event<'IdentifierClaimed', { customerId: string; claimedAt: string }>
  | Event<'IdentifierReleased', { customerId: string; releasedAt: string }>;

export type Claim = { readonly status: 'free' } | { readonly status: 'held'; readonly customerId: string };

const initialState: Claim = { status: 'free' };

const decide = (command: ClaimCommand, claim: Claim): readonly ClaimEvent[] => {
  const { customerId } = command.data;
  switch (command.type) {
    case 'ClaimIdentifier':
      if (claim.status === 'free') return [{ type: 'IdentifierClaimed', data: { customerId, claimedAt: command.at } }];
      if (claim.customerId !== customerId) throw new Refusal('IDENTIFIER_TAKEN', 'Somebody else holds this identifier');
      return [];
    case 'ReleaseIdentifier':
      if (claim.status === 'free' || claim.customerId !== customerId) return [];
      return [{ type: 'IdentifierReleased', data: { customerId, releasedAt: command.at } }];
    default:
      return unreachable(command);
  }
};

const evolve = (claim: Claim, event: ClaimEvent): Claim => {
  switch (event.type) {
    case 'IdentifierClaimed':
      return { status: 'held', customerId: event.data.customerId };
    case 'IdentifierReleased':
      return initialState;
    default:
      event satisfies never;
      return claim;
  }
};

export const claim: Decider<ClaimCommand, ClaimEvent, Claim> = { initialState, decide, evolve };

export const claimStream = (hash: string): string => `claim-${hash}`;
