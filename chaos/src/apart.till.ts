import { type GrpcAnswer, GrpcClient } from '@kendt/testing/grpc-client';
import type { Caller } from './apart.caller.js';
import type { Ground } from './apart.ground.js';
import type { Fact } from './scenario.js';

export interface Till {
  look(customer: string): Promise<void>;
  close(): void;
}

/**
 * `DEADLINE_EXCEEDED` and `UNAVAILABLE` of gRPC: nobody answered, or not in time. grpc-js makes `INTERNAL` of a stream that breaks off in the middle of
 * an answer; over REST that is a connection that broke. What a service itself calls `INTERNAL` comes without these words.
 */
export const mayCallAgain = ({ code, details }: Pick<NonNullable<GrpcAnswer['error']>, 'code' | 'details'>): boolean =>
  nobodyAnswered.has(code) || (details.startsWith('Received RST_STREAM') && internal.has(code));

const nobodyAnswered: ReadonlySet<number> = new Set([4, 14]);
const internal: ReadonlySet<number> = new Set([13]);

/** Asks for consents by gRPC, over one connection to the gateway. */
export const tillOf = (ground: Ground, caller: Caller, say: (fact: Fact) => void): Till => {
  const client = new GrpcClient('kendt.consent.v1', 'Consent', ground.apart.url.slice('http://'.length));
  return {
    look: async (customer) => {
      const { error } = await client.call('Get', { customer_id: customer, customerId: customer }, { authorization: `Bearer ${await caller.token()}` });
      if (!error) say({ is: 'looked', customer });
      else say({ is: mayCallAgain(error) ? 'again' : 'refused', what: 'grpc', status: error.code, code: error.metadata.get('kendt-code')[0]?.toString(), at: Date.now() });
    },
    close: () => client.close(),
  };
};
