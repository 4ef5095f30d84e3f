import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { NewPassword } from '@kendt/contracts';
import { activeFor, claim, claimStream, credential, credentialStream, customer, type CustomerEvent, customerStream, login, loginStream, type LivingCustomer, same } from '@kendt/domain';
import { type Clock, type CommandContext, deciding, type Decision, decision, type EventStore, handle, timestamp } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { CLOCK, EVENT_STORE, LinkTokens, Problem } from '@kendt/nest';
import { type KnownCustomer, knownCustomer, readKnown } from './customers.js';
import { checkPassword } from './password.rules.js';
import { hashPassword } from './passwords.js';
import { verifyEmailLink } from './verify-email.handler.js';

/** Why a password was not taken. */
export type RefusedPassword = 'length' | 'common';

export interface PasswordChoice {
  /** For the look of the page. */
  readonly brandId: string | undefined;
  readonly refused?: RefusedPassword;
}

export class ChoosePasswordCommand extends Command<PasswordChoice> {
  constructor(
    readonly token: string,
    readonly password: string,
    readonly context: Omit<CommandContext, 'actor'>,
  ) {
    super();
  }
}

interface Choice {
  readonly customerId: string;
  readonly emailClaim: string;
  /** As they stand when the claims to give back are chosen. */
  readonly identities: LivingCustomer['identities'];
  readonly at: string;
}

/**
 * Whoever follows the link has the mailbox, so they decide: their password replaces the one of whoever registered first, the
 * address is confirmed, external identities go, and whoever was signed in is not any more. All of it or nothing.
 */
@CommandHandler(ChoosePasswordCommand)
export class ChoosePasswordHandler implements ICommandHandler<ChoosePasswordCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LinkTokens) private readonly links: LinkTokens,
  ) {}

  async execute({ token, password, context }: ChoosePasswordCommand): Promise<PasswordChoice> {
    const { customerId, emailClaim = '' } = await this.links.verify(verifyEmailLink, token, this.clock());
    const known = await readKnown(this.store, customerId);
    const { identities, brands } = activeFor(known.customer, undefined);
    const choice = { customerId, emailClaim, identities, at: timestamp(this.clock) };
    verify(choice, known); // a link that leads nowhere is told before a password that is too short
    const chosen = NewPassword.safeParse(password);
    const refused = chosen.success ? refusal(chosen.data, known.contact.email ?? '') : 'length';
    if (!chosen.success || refused) return { brandId: brands[0], ...(refused && { refused }) };
    const decisions = [deciding(knownCustomer, customerStream(customerId), (now) => verify(choice, now)), ...replaced(choice, await hashPassword(chosen.data))];
    await handle(this.store, decisions, { ...context, actor: { kind: 'customer', id: customerId }, channel: 'mail' }, choice.at);
    return { brandId: brands[0] };
  }
}

const refusal = (password: string, email: string): 'common' | undefined => {
  try {
    checkPassword(password, email);
    return undefined;
  } catch (error) {
    if (error instanceof Problem && error.code === 'PASSWORD_TOO_COMMON') return 'common';
    throw error;
  }
};

/** An identity that was linked meanwhile would keep its claim: then nothing is done, and they try again. */
const verify = ({ emailClaim, identities, at }: Choice, known: KnownCustomer): readonly CustomerEvent[] => {
  const state = activeFor(known.customer, undefined);
  if (!state.emailVerified && !same(state.identities, identities)) throw new Refusal('CONCURRENT_CHANGE', 'Somebody else is changing the same thing; try again');
  return customer.decide({ type: 'VerifyEmail', at, data: { emailClaim, passwordChosen: true } }, state);
};

const replaced = ({ customerId, identities, at }: Choice, passwordHash: string): Decision[] => [
  decision(credential, credentialStream(customerId), { type: 'SetPassword', at, data: { passwordHash } }),
  decision(login, loginStream(customerId), { type: 'RevokeSessions', at, data: { reason: 'password-chosen' } }),
  ...Object.values(identities).map((hash) => decision(claim, claimStream(hash), { type: 'ReleaseIdentifier', at, data: { customerId } })),
];
