import { Body, Controller, Get, HttpCode, Inject, Param, Put, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DeclareSystem, Slug, System, SystemDetails, Systems as SystemsAnswer } from '@kendt/contracts';
import { Refusal } from '@kendt/kernel';
import { After, ApiOkResponse, type Caller, commandContext, CurrentCaller, Followers, positioned, Scopes } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Connectors } from './connectors.view.js';
import { DeclareSystemCommand } from './declare-system.handler.js';
import { ErasureCases } from './erasure-cases.projection.js';
import { issuingName } from './erasure.followers.js';
import { Systems, toSystem } from './systems.projection.js';

/** Which systems hold what, on which basis, for how long. */
@Controller('v1/systems')
@Scopes('erasure:manage')
export class SystemsController {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(Systems) private readonly systems: Systems,
    @Inject(Connectors) private readonly connectors: Connectors,
    @Inject(ErasureCases) private readonly cases: ErasureCases,
  ) {}

  @Put(':id')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: System })
  async declare(
    @Param('id', { schema: Slug }) systemId: string, @Body({ schema: DeclareSystem }) declared: DeclareSystem, @CurrentCaller() caller: Caller, @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<System> {
    const { position } = await this.commands.execute(new DeclareSystemCommand(systemId, declared, commandContext(caller, request)));
    positioned(reply, position);
    return { systemId, ...declared };
  }

  @Get()
  @ApiOkResponse({ standardSchema: SystemsAnswer })
  async list(@After() after: string | undefined): Promise<SystemsAnswer> {
    await this.followers.caughtUpWith(issuingName, after);
    return { systems: (await this.systems.list()).map(({ systemId, system }) => toSystem(systemId, system)) };
  }

  /** Also how it is doing: its connector, and the answers that it owes. */
  @Get(':id')
  @ApiOkResponse({ standardSchema: SystemDetails })
  async get(@Param('id') systemId: string, @After() after: string | undefined): Promise<SystemDetails> {
    await this.followers.caughtUpWith(issuingName, after);
    const found = await this.systems.get(systemId);
    if (!found) throw new Refusal('SYSTEM_NOT_FOUND', 'No such system', 'not-found');
    const [connector, { overdue: overdueTasks }] = await Promise.all([this.connectors.find(systemId), this.cases.unansweredOf(systemId)]);
    return { ...toSystem(systemId, found), overdueTasks, ...(connector && { connector }) };
  }
}
