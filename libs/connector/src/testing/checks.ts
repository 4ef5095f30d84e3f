import { isDeepStrictEqual } from 'node:util';
import type { Stage } from './stage.js';
import type { Followed } from './system.js';

export interface Check {
  /** What a connector has to do. */
  readonly name: string;
  readonly needs: readonly Followed[];
  readonly run: (stage: Stage) => Promise<void>;
}

const [ida, bo, nobody] = ['kit-ida', 'kit-bo', 'kit-nobody'];

export const checks: readonly Check[] = [
  {
    name: 'takes in a customer, and what changes of them',
    needs: ['customers'],
    run: async (stage) => {
      await stage.hear(stage.messages.profile(ida));
      const before = await stage.holds(ida);
      if (before === undefined) return stage.fault('It was told of a new customer, and holds nothing of them. Keep the profile in onCustomer, and show it in holds().');
      await stage.hear(stage.messages.profile(ida, { email: 'kit-ida-2@example.org' }));
      if (isDeepStrictEqual(before, await stage.holds(ida))) stage.fault('It was told of another e-mail address, and holds what it held before. Replace what you have when a profile comes again.');
    },
  },
  {
    name: 'makes nothing of a message that comes again',
    needs: ['customers'],
    run: async (stage) => {
      await stage.hear(stage.messages.profile(ida, {}, 'again'));
      const before = await stage.holds(ida);
      await stage.hear(stage.messages.profile(ida, {}, 'again'), stage.messages.profile(ida));
      if (!isDeepStrictEqual(before, await stage.holds(ida))) stage.fault('The same profile came again, and it holds something else now. A profile is a state, not a step: put it in the place of the one before.');
    },
  },
  {
    name: 'forgets who is gone, also somebody whom it never knew',
    needs: ['customers'],
    run: async (stage) => {
      await stage.hear(stage.messages.gone(nobody), stage.messages.profile(ida), stage.messages.profile(bo));
      await stage.hear(stage.messages.gone(ida));
      if ((await stage.holds(ida)) !== undefined) stage.fault("A customer is gone (a message without a value, kind 'gone'), and it still holds something of them.");
      if ((await stage.holds(bo)) === undefined) stage.fault('A customer is gone, and it has forgotten another one as well.');
    },
  },
  {
    name: 'does not depend on the order between customers',
    needs: ['customers'],
    run: async (stage) => {
      const { messages } = stage;
      const mail = (customerId: string) => messages.profile(customerId, { email: `new-${customerId}@example.org` });
      await stage.hear(messages.profile(ida), messages.profile(bo), mail(ida), mail(bo));
      const first = [await stage.holds(ida), await stage.holds(bo)];
      await stage.hear(messages.gone(ida), messages.gone(bo));
      await stage.hear(messages.profile(bo), mail(bo), messages.profile(ida), mail(ida));
      if (!isDeepStrictEqual(first, [await stage.holds(ida), await stage.holds(bo)]))
        stage.fault('The same messages of two customers in another order made something else of them. Only the messages of one customer are in order: keep nothing that spans customers.');
    },
  },
  {
    name: 'takes in a guest of whom hardly anything is known',
    needs: ['customers'],
    run: async (stage) => {
      await stage.hear(stage.messages.guest(ida));
      if ((await stage.holds(ida)) === undefined) stage.fault('A guest without a name and an address is a customer too, and it holds nothing of them.');
    },
  },
  {
    name: 'lives with what a later version of Kendt sends',
    needs: ['customers'],
    run: async (stage) => {
      const { messages } = stage;
      await stage.hear(messages.ofTomorrow(ida), messages.profile(ida, { favouriteColour: 'blue' }));
      if ((await stage.holds(ida)) === undefined) stage.fault('A profile had one more field than today, and it holds nothing of the customer. Take the fields that you know, and leave the others.');
    },
  },
  {
    name: 'shows a consent, and that it was withdrawn',
    needs: ['customers', 'consents'],
    run: async (stage) => {
      const { messages } = stage;
      await stage.hear(messages.profile(ida));
      await stage.hear(messages.consent(ida, 'granted'));
      const granted = await stage.holds(ida);
      await stage.hear(messages.consent(ida, 'withdrawn'));
      const withdrawn = await stage.holds(ida);
      if (isDeepStrictEqual(granted, withdrawn)) stage.fault('A consent was withdrawn, and it holds the same as when it was granted. Whoever sends a newsletter now breaks the law.');
      await stage.hear(messages.consent(ida, 'withdrawn'));
      if (!isDeepStrictEqual(withdrawn, await stage.holds(ida))) stage.fault('The same withdrawal came again, and it holds something else now.');
      await stage.hear(messages.consent(nobody, 'granted')); // topics are read side by side: a consent may come before its customer
    },
  },
  {
    name: 'does nothing twice after a crash',
    needs: ['customers'],
    run: async (stage) => {
      const { messages } = stage;
      const steps = [
        messages.profile(ida),
        messages.profile(ida, { email: 'kit-ida-2@example.org' }),
        ...(stage.follows('consents') ? [messages.consent(ida, 'granted'), messages.consent(ida, 'withdrawn')] : []),
        messages.gone(ida),
      ];
      for (const message of steps) {
        const { before, after } = await stage.hearAndCrash(message);
        if (!isDeepStrictEqual(before, after)) stage.fault(`It crashed after it had handled a message of ${message.topic}, got it again, and holds something else now. Write handlers that can run twice.`);
      }
    },
  },
  {
    name: 'erases a customer, and says so',
    needs: ['erasures'],
    run: async (stage) => {
      if (!(await stage.fill(ida))) return stage.fault('It holds nothing of a customer whom it was told of, so there is nothing to erase. A system that learns of customers otherwise needs `fill`.');
      await stage.hear(stage.messages.task(ida));
      await mustHaveErased(stage);
      if (stage.follows('customers')) await stage.hear(stage.messages.profile(ida)); // one that was on its way
      const [answer] = stage.receipts();
      if (answer?.outcome === 'erased' && (await stage.holds(ida)) !== undefined) stage.fault('A profile that was on its way brought an erased customer back.');
      await stage.hear(stage.messages.task(bo, undefined, 'another-system'));
      if (stage.receipts().some(({ customerId }) => customerId === bo)) stage.fault('It answered the task of another system.');
    },
  },
  {
    name: 'answers an erasure after a crash as it did before',
    needs: ['erasures'],
    run: async (stage) => {
      if (!(await stage.fill(ida))) return;
      await stage.hearAndCrash(stage.messages.task(ida));
      await mustHaveErased(stage);
      const outcomes = stage.receipts().map(({ outcome }) => outcome);
      if (outcomes.length > 1) stage.fault(`It answered one task in ${outcomes.length} ways: ${outcomes.join(', ')}. Note the answer together with the deletion, and give it again.`);
    },
  },
  {
    name: 'says of a stranger that it holds nothing',
    needs: ['erasures'],
    run: async (stage) => {
      await stage.hear(stage.messages.task(nobody));
      const [answer] = stage.receipts();
      if (!answer) return stage.fault('It did not answer the task to erase somebody whom it never knew. Every system is asked; answer notHeld().');
      if (answer.outcome !== 'unknown') stage.fault(`It was asked to erase somebody whom it never knew, and answered '${answer.outcome}'. Answer notHeld(): the certificate says who held what.`);
    },
  },
];

const mustHaveErased = async (stage: Stage): Promise<void> => {
  const [answer] = stage.receipts();
  if (!answer) return stage.fault('It did not answer the task to erase a customer.');
  if (answer.outcome === 'unknown') stage.fault("It held something of the customer, and answered 'unknown' to the task to erase them.");
  if (answer.outcome === 'failed') stage.fault("It answered 'failed' to the task to erase a customer.");
  if (answer.outcome === 'erased' && (await stage.holds(ida)) !== undefined) stage.fault("It answered 'erased', and still holds something of the customer.");
};
