import { describe, it } from '@jest/globals';
import { given } from '@kendt/testing';
import { claim, type ClaimCommand, type ClaimEvent } from './claim.js';

describe('an identifier', () => {
  it('belongs to the first who claims it', () => {
    given(claim)().when(claimBy('ida')).then(claimed('ida'));
    given(claim)(claimed('ida')).when(claimBy('ida')).thenNothing();
    given(claim)(claimed('ida')).when(claimBy('bo')).thenRefused('IDENTIFIER_TAKEN');
  });

  it('is free again once its holder has given it back', () => {
    given(claim)(claimed('ida'), released('ida')).when(claimBy('bo')).then(claimed('bo'));
  });

  it('is given back by its holder only', () => {
    given(claim)(claimed('ida')).when(releaseBy('ida')).then(released('ida'));
    given(claim)(claimed('ida')).when(releaseBy('bo')).thenNothing();
    given(claim)().when(releaseBy('ida')).thenNothing();
  });
});

const at = '2026-03-01T12:00:00.000Z';
const claimBy = (customerId: string): ClaimCommand => ({ type: 'ClaimIdentifier', at, data: { customerId } });
const releaseBy = (customerId: string): ClaimCommand => ({ type: 'ReleaseIdentifier', at, data: { customerId } });
const claimed = (customerId: string): ClaimEvent => ({ type: 'IdentifierClaimed', data: { customerId, claimedAt: at } });
const released = (customerId: string): ClaimEvent => ({ type: 'IdentifierReleased', data: { customerId, releasedAt: at } });
