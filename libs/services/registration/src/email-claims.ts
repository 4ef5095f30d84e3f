import { Inject, Injectable } from '@nestjs/common';
import { claim, claimStream, customer, customerStream, normaliseEmail } from '@kendt/domain';
import { type CommandContext, type Decision, decision, type EventStore, handle, type Lookup } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { EVENT_STORE, LOOKUP } from '@kendt/nest';
import { holderOf } from './customers.js';

export interface Claiming {
  readonly emailClaim: string;
  readonly customerId: string;
  readonly brandId: string;
  /** What is appended together with the claim. */
  readonly decisions: readonly Decision[];
  readonly context: CommandContext;
  readonly at: string;
}

type Step = 'done' | 'again';

/** Enough for any crowd that registers the same address at once: all but one of them find it taken at the second look. */
const tries = 10;

/** Who has which e-mail address. Whoever asks never learns whether somebody has one: only its owner is told. */
@Injectable()
export class EmailClaims {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(LOOKUP) private readonly lookup: Lookup,
  ) {}

  of(email: string): string {
    return this.lookup('email', normaliseEmail(email));
  }

  /** Appends it all when the address is free; when it is somebody else's, tells them. The caller cannot tell which it was. */
  async claimOrTell(claiming: Claiming): Promise<void> {
    for (let attempt = 1; attempt <= tries; attempt++) {
      const holder = await holderOf(this.store, claiming.emailClaim);
      const taken = holder !== undefined && holder !== claiming.customerId;
      if ((taken ? await this.tell(holder, claiming) : await this.#claim(claiming)) === 'done') return;
    }
    throw new Refusal('STORE_BUSY', 'Too many are changing the same thing; try again', 'busy');
  }

  /** `again`: the holder is gone, or somebody else changed them at the same moment. */
  async tell(customerId: string, { brandId, context, at }: Pick<Claiming, 'brandId' | 'context' | 'at'>): Promise<Step> {
    const note = decision(customer, customerStream(customerId), { type: 'NoteRepeatedRegistration', at, data: { brandId } });
    return step(handle(this.store, [note], context, at), { CUSTOMER_FROZEN: 'done', CUSTOMER_NOT_FOUND: 'again', CONCURRENT_CHANGE: 'again' });
  }

  #claim({ emailClaim, customerId, decisions, context, at }: Claiming): Promise<Step> {
    const claims = decision(claim, claimStream(emailClaim), { type: 'ClaimIdentifier', at, data: { customerId } });
    return step(handle(this.store, [...decisions, claims], context, at), { IDENTIFIER_TAKEN: 'again', CONCURRENT_CHANGE: 'again', CUSTOMER_NOT_GUEST: 'done' });
  }
}

const step = (work: Promise<unknown>, refusals: Readonly<Record<string, Step>>): Promise<Step> =>
  work.then(
    () => 'done',
    (error: unknown) => {
      const next = error instanceof Refusal ? refusals[error.code] : undefined;
      if (!next) throw error;
      return next;
    },
  );
