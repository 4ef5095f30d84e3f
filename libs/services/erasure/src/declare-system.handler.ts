import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { DeclareSystem } from '@kendt/contracts';
import { system, systemStream } from '@kendt/domain';
import { type Clock, type CommandContext, decision, type EventStore, handle, type Position, timestamp } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE, Followers } from '@kendt/nest';
import { issuingName } from './erasure.followers.js';

export class DeclareSystemCommand extends Command<{ readonly position: Position }> {
  constructor(
    readonly systemId: string,
    readonly declared: DeclareSystem,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** The answer waits until the system is on the list that tasks are issued from. */
@CommandHandler(DeclareSystemCommand)
export class DeclareSystemHandler implements ICommandHandler<DeclareSystemCommand> {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  async execute({ systemId, declared: { name, brandIds, holds }, context }: DeclareSystemCommand): Promise<{ position: Position }> {
    const at = timestamp(this.clock);
    const declarations = holds.map(({ retention: _, ...declaration }) => declaration);
    const rules = holds.flatMap(({ what, retention }) => (retention ? [{ what, ...retention }] : []));
    const commands = decision(
      system,
      systemStream(systemId),
      { type: 'RegisterSystem', at, data: { name, brands: brandIds } },
      { type: 'DeclareData', at, data: { declarations } },
      { type: 'SetRetentionRules', at, data: { rules } },
    );
    const { position } = await handle(this.store, [commands], context, at);
    await this.followers.waitFor(issuingName, position);
    return { position };
  }
}
