import { Controller, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Ctx, GrpcMethod, Payload } from '@nestjs/microservices';
import type { Metadata } from '@grpc/grpc-js';
import { RegisterRequest, toProtoEnum, toProtoRegistration, UpgradeRequest } from '@kendt/contracts';
import { normaliseEmail } from '@kendt/domain';
import { type Caller, commandContext, type Config, CONFIG, CurrentCaller, GrpcCall, ownCustomerId, positioned, type PositionTarget, Problem, RateLimited, RateLimits, Scopes } from '@kendt/nest';
import type { z } from 'zod';
import { brandOf } from './customers.js';
import { RegisterFullCommand } from './register-full.handler.js';
import { RegisterGuestCommand } from './register-guest.handler.js';
import { UpgradeGuestCommand } from './upgrade-guest.handler.js';

/** `kendt.registration.v1.Registration`: the same commands as over REST, refused in the same words. */
@Controller()
export class RegistrationGrpc {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(RateLimits) private readonly limits: RateLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @GrpcMethod('Registration', 'Register')
  @Scopes('customers:register')
  @RateLimited({ perAddress: 'register' })
  async register(
    @Payload({ schema: RegisterRequest }) body: z.infer<typeof RegisterRequest>,
    @CurrentCaller() caller: Caller,
    @Ctx() metadata: Metadata,
    @GrpcCall() call: PositionTarget,
  ): Promise<object> {
    const [brandId, context] = [brandOf(caller), commandContext(caller, metadata)];
    this.#limit(body.email);
    if (body.kind === 'full') {
      await this.commands.execute(new RegisterFullCommand(body, brandId, context));
      return toProtoRegistration('confirmation-sent');
    }
    const { customerId, position } = await this.commands.execute(new RegisterGuestCommand(body, brandId, context));
    positioned(call, position);
    return toProtoRegistration('guest-registered', customerId);
  }

  @GrpcMethod('Registration', 'Upgrade')
  @Scopes('customers:register')
  @RateLimited({ perAddress: 'register' })
  async upgrade(
    @Payload({ schema: UpgradeRequest }) { customerId, full }: z.infer<typeof UpgradeRequest>,
    @CurrentCaller() caller: Caller,
    @Ctx() metadata: Metadata,
  ): Promise<object> {
    this.#limit(full.email);
    await this.commands.execute(new UpgradeGuestCommand(ownCustomerId(caller, customerId), full, brandOf(caller), commandContext(caller, metadata)));
    return { status: toProtoEnum('REGISTRATION_STATUS', 'confirmation-sent') };
  }

  /** The address lies one message deeper than `@RateLimited` looks; it draws on the same bucket as over REST. */
  #limit(email: string | undefined): void {
    const wait = email === undefined ? 0 : this.limits.take('register:identifier', normaliseEmail(email), this.config.rates.identifier);
    if (wait > 0) throw new Problem(429, 'RATE_LIMITED', 'Too many attempts; wait a little', { headers: { 'retry-after': String(wait) } });
  }
}
