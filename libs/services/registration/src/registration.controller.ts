import { Body, Controller, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { GuestRegistered, RegisterCustomer, RegistrationAccepted, UpgradeGuest } from '@kendt/contracts';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOperation, type Caller, commandContext, type Config, CONFIG, CurrentCaller, ownCustomerId, positioned, Problem, Public, RateLimited, RateLimits, Scopes } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { brandOf } from './customers.js';
import { RegisterFullCommand } from './register-full.handler.js';
import { RegisterGuestCommand } from './register-guest.handler.js';
import { RequestVerificationCommand } from './request-verification.handler.js';
import { UpgradeGuestCommand } from './upgrade-guest.handler.js';

/** Said to everybody, so that nobody learns from it who is a customer. It carries no position either: that would tell. */
const accepted: RegistrationAccepted = { status: 'confirmation-sent' };

@Controller('v1/customers')
export class RegistrationController {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(RateLimits) private readonly limits: RateLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @Scopes('customers:register')
  @RateLimited({ perAddress: 'register', perIdentifier: 'email' })
  @ApiOperation({ summary: 'Register a customer, or a guest for one checkout' })
  @ApiAcceptedResponse({ standardSchema: RegistrationAccepted })
  @ApiCreatedResponse({ standardSchema: GuestRegistered })
  async register(
    @Body({ schema: RegisterCustomer }) body: RegisterCustomer,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistrationAccepted | GuestRegistered> {
    const [brandId, context] = [brandOf(caller), commandContext(caller, request)];
    if (body.kind === 'full') {
      await this.commands.execute(new RegisterFullCommand(body, brandId, context));
      reply.code(202);
      return accepted;
    }
    const { customerId, position } = await this.commands.execute(new RegisterGuestCommand(body, brandId, context));
    positioned(reply, position);
    return { customerId };
  }

  @Post(':id/upgrade')
  @Scopes('customers:register')
  @HttpCode(202)
  @RateLimited({ perAddress: 'register', perIdentifier: 'email' })
  @ApiOperation({ summary: 'Make a guest a customer with a login; the id stays' })
  @ApiAcceptedResponse({ standardSchema: RegistrationAccepted })
  async upgrade(
    @Param('id') id: string,
    @Body({ schema: UpgradeGuest }) body: UpgradeGuest,
    @CurrentCaller() caller: Caller,
    @Req() request: FastifyRequest,
  ): Promise<RegistrationAccepted> {
    await this.commands.execute(new UpgradeGuestCommand(ownCustomerId(caller, id), body, brandOf(caller), commandContext(caller, request)));
    return accepted;
  }

  @Post(':id/email-verification')
  @Public()
  @HttpCode(202)
  @RateLimited({ perAddress: 'register' })
  @ApiOperation({ summary: 'Send the confirmation mail again; answered alike whether there was something to send or not' })
  @ApiAcceptedResponse({ standardSchema: RegistrationAccepted })
  async sendAgain(@Param('id') customerId: string, @Req() request: FastifyRequest): Promise<RegistrationAccepted> {
    const wait = this.limits.take('email-verification', customerId, this.config.rates.identifier);
    if (wait > 0) throw new Problem(429, 'RATE_LIMITED', 'Too many attempts; wait a little', { headers: { 'retry-after': String(wait) } });
    if (idShape.test(customerId)) await this.commands.execute(new RequestVerificationCommand(customerId, commandContext(undefined, request)));
    return accepted;
  }
}

const idShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
