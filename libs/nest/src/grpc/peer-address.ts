import { BlockList, isIP, isIPv6 } from 'node:net';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import { headerOf } from '../http/call.js';

/** `127.0.0.1:5000`, `[::1]:5000`, `ipv6:%5B::1%5D:5000` */
const withoutPort = (peer: string): string => decodeURIComponent(peer).replace(/^ipv[46]:/, '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

/** What TRUST_PROXY names: addresses, CIDRs and `loopback`, as for HTTP. */
export const trustedProxies = (trustProxy: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList();
  for (const entry of trustProxy.flatMap((one) => (one === 'loopback' ? ['127.0.0.0/8', '::1'] : [one]))) {
    const [address = '', bits] = entry.split('/');
    if (isIP(address) === 0) continue;
    if (bits === undefined) list.addAddress(address, family(address));
    else list.addSubnet(address, Number(bits), family(address));
  }
  return (address) => isIP(address) !== 0 && list.check(address, family(address));
};

/** Who calls: the peer, or the last one that a trusted proxy has not vouched for itself. */
export const peerAddress = (call: Pick<ServerUnaryCall<unknown, unknown>, 'getPeer' | 'metadata'>, isTrusted: (address: string) => boolean): string => {
  const forwarded = headerOf(call.metadata, 'x-forwarded-for')?.split(',').map((hop) => hop.trim()) ?? [];
  const hops = [...forwarded, withoutPort(call.getPeer())].reverse();
  return hops.find((hop) => !isTrusted(hop)) ?? hops.at(-1)!;
};
