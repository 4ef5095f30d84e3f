import { describe, expect, it } from '@jest/globals';
import type { ConsentNews, CustomerChange } from '../connector.options.js';
import { type ErasureAnswer, erased, failed, notHeld } from '../erasure-answer.js';
import { checkConnector, type CheckOptions, type Given } from './index.js';
import { SmallSystem } from './systems.examples.js';

const check = (open: CheckOptions['open'], options: Partial<CheckOptions> = {}) => checkConnector({ system: 'small', open, ...options });
const faultsOf = async (open: CheckOptions['open'], options?: Partial<CheckOptions>): Promise<string[]> =>
  (await check(open, options)).checks.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`));

describe('the contract test kit', () => {
  it('finds nothing wrong with a connector that does everything right, and says what it has looked at', async () => {
    const report = await check(() => new SmallSystem());
    expect(report.text).toMatch(/^The connector of small:\n( {2}ok .+\n?){11}$/);
    expect([report.ok, report.checks.length]).toEqual([true, 11]);
  });

  it('checks only what the connector follows', async () => {
    class ErasureOnly extends SmallSystem {
      fill(customerId: string): void {
        this.customers.set(customerId, { consents: {} });
      }
    }
    const report = await check(() => new ErasureOnly(), { follows: ['erasures'], fill: (system, customerId) => (system as ErasureOnly).fill(customerId) });
    expect(report.checks.map(({ name, faults }) => [name, faults])).toEqual([
      ['erases a customer, and says so', []],
      ['answers an erasure after a crash as it did before', []],
      ['says of a stranger that it holds nothing', []],
    ]);
  });

  class ForgetsNobody extends SmallSystem {
    protected override customer(change: CustomerChange): void {
      if (change.kind !== 'gone') super.customer(change);
    }
  }
  class ForgetsEverybody extends SmallSystem {
    protected override customer(change: CustomerChange): void {
      if (change.kind === 'gone') this.customers.clear();
      else super.customer(change);
    }
  }
  class Counts extends SmallSystem {
    #changes = 0;
    protected override customer(change: CustomerChange): void {
      super.customer(change);
      const customer = this.customers.get(change.customerId);
      if (customer) customer.consents['changes'] = String(++this.#changes);
    }
  }
  class TakesOnlyTheFirst extends SmallSystem {
    protected override customer(change: CustomerChange): void {
      if (change.kind === 'gone' || !this.customers.has(change.customerId)) super.customer(change);
    }
  }
  class NeedsAName extends SmallSystem {
    protected override customer(change: CustomerChange): void {
      if (change.kind === 'changed' && !change.profile.name) throw new TypeError('Nobody has no name');
      super.customer(change);
    }
  }
  class KeepsSending extends SmallSystem {
    protected override consent(consent: ConsentNews): void {
      if (consent.state === 'granted') super.consent(consent);
    }
  }
  class KnowsEveryConsent extends SmallSystem {
    protected override consent(consent: ConsentNews): void {
      if (!this.customers.has(consent.customerId)) throw new RangeError('No such customer');
      super.consent(consent);
    }
  }
  class OnlySaysSo extends SmallSystem {
    protected override erase(): ErasureAnswer {
      return erased();
    }
  }
  class ForgetsItsAnswer extends SmallSystem {
    protected override erase({ customerId }: { customerId: string }): ErasureAnswer {
      return this.customers.delete(customerId) ? erased() : notHeld();
    }
  }
  class CannotErase extends SmallSystem {
    protected override erase(): ErasureAnswer {
      return failed('not today');
    }
  }
  class NeverHeld extends SmallSystem {
    protected override erase(): ErasureAnswer {
      return notHeld();
    }
  }
  class HoldsNothing extends SmallSystem {
    override holds(): unknown {
      return undefined;
    }
  }

  it.each([
    ['keeps who is gone', ForgetsNobody, /still holds something of them/],
    ['forgets everybody when one is gone', ForgetsEverybody, /has forgotten another one/],
    ['counts repetitions', Counts, /makes nothing of a message that comes again/],
    ['counts across customers', Counts, /in another order/],
    ['counts again after a crash', Counts, /does nothing twice after a crash/],
    ['keeps the first profile for ever', TakesOnlyTheFirst, /holds what it held before/],
    ['needs a name', NeedsAName, /could not handle a message of kendt\.profiles\.fjord\.v1, however often it was tried: TypeError/],
    ['misses a withdrawal', KeepsSending, /Whoever sends a newsletter now breaks the law/],
    ['cannot take a consent before its customer', KnowsEveryConsent, /could not handle a message of kendt\.consents\.v1.*RangeError/],
    ['says erased and keeps everything', OnlySaysSo, /answered 'erased', and still holds/],
    ['says erased of a stranger', OnlySaysSo, /never knew, and answered 'erased'/],
    ['answers otherwise after a crash', ForgetsItsAnswer, /one task in 2 ways: erased, unknown/],
    ['fails to erase', CannotErase, /answered 'failed'/],
    ['denies what it holds', NeverHeld, /held something of the customer, and answered 'unknown'/],
    ['holds nothing of anybody', HoldsNothing, /told of a new customer, and holds nothing/],
  ])('tells of a connector that %s', async (_, Wrong, sentence) => {
    expect((await faultsOf(() => new Wrong(), { patienceMs: 200 })).join('\n')).toMatch(sentence);
  });

  it('tells of a handler that never ends, instead of waiting for ever', async () => {
    class Hangs extends SmallSystem {
      override connect(given: Given) {
        return super.connect(given).onCustomer(async () => new Promise((resolve) => void setTimeout(resolve, 100).unref()));
      }
    }
    expect((await faultsOf(() => new Hangs(), { patienceMs: 30, follows: ['customers'] }))[0]).toMatch(/did not handle its messages within 30 ms/);
  });
});
