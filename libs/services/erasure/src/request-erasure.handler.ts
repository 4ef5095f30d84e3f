import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { erasure, erasureStream, type Language } from '@kendt/domain';
import { type Clock, type CommandContext, decision, type EventStore, handle, type Position, timestamp } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { CLOCK, EVENT_STORE, Followers } from '@kendt/nest';
import { CaseIds } from './case-ids.js';
import { addressee, visibleCustomer } from './customers.js';
import { linkExpiresAt, oneMonthAfter } from './deadlines.js';
import { casesName, ErasureCases } from './erasure-cases.projection.js';

export interface Requested {
  readonly caseId: string;
  readonly position: Position;
}

export class RequestErasureCommand extends Command<Requested> {
  constructor(
    readonly customerId: string,
    readonly brand: string | undefined,
    readonly language: Language | undefined,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/**
 * Opens a case, or gives the one that is open.
 *
 * The answer waits for the view, so whoever asks again after an answer gets the same case. Two requests at the very same
 * time may open two cases and send two mails. No harm comes of it: the first confirmation freezes the customer in the
 * same append, the other case is refused from then on (see the confirmation) and ends by itself when its link expires.
 */
@CommandHandler(RequestErasureCommand)
export class RequestErasureHandler implements ICommandHandler<RequestErasureCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(ErasureCases) private readonly cases: ErasureCases,
    @Inject(CaseIds) private readonly ids: CaseIds,
  ) {}

  async execute({ customerId, brand, language, context }: RequestErasureCommand): Promise<Requested> {
    const at = timestamp(this.clock);
    const open = await this.#openCase(customerId, brand, at);
    if (open) return { caseId: open, position: '' };
    if (!(await addressee(this.store, customerId))) throw new Refusal('CUSTOMER_HAS_NO_EMAIL', 'There is no address that could confirm the request');
    const caseId = this.ids.of(context.commandId);
    const data = { customerId, channel: context.channel ?? 'web', dueAt: oneMonthAfter(at), ...(language && { language }) };
    const { position } = await handle(this.store, [decision(erasure, erasureStream(caseId), { type: 'RequestErasure', at, data })], context, at);
    await this.followers.waitFor(casesName, position);
    return { caseId, position };
  }

  async #openCase(customerId: string, brand: string | undefined, at: string): Promise<string | undefined> {
    const customer = await visibleCustomer(this.store, customerId, brand);
    if (customer.status === 'frozen') return customer.caseId;
    const open = await this.cases.openOf(customerId);
    return open && linkExpiresAt(open.erasure.requestedAt) > at ? open.caseId : undefined;
  }
}
