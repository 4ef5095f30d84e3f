import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { peerAddress, trustedProxies } from './peer-address.js';

const call = (peer: string, forwarded?: string): Parameters<typeof peerAddress>[0] => {
  const metadata = new Metadata();
  if (forwarded) metadata.set('x-forwarded-for', forwarded);
  return { getPeer: () => peer, metadata };
};

describe('who calls by gRPC', () => {
  it.each([
    ['is the peer where no proxy is trusted, whatever it says', [], '192.0.2.7:4000', '203.0.113.9', '192.0.2.7'],
    ['is whom a trusted proxy names', ['loopback'], '127.0.0.1:4000', '203.0.113.9', '203.0.113.9'],
    ['is not whom a caller has put before that', ['10.0.0.0/8'], '10.1.2.3:4000', '198.51.100.1, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['is the proxy where it names nobody', ['10.0.0.1'], '10.0.0.1:4000', undefined, '10.0.0.1'],
    ['is found behind IPv6 too', ['loopback'], '[::1]:4000', '2001:db8::7', '2001:db8::7'],
  ])('%s', (_, trusted, peer, forwarded, expected) => expect(peerAddress(call(peer, forwarded), trustedProxies(trusted))).toBe(expected));
});
