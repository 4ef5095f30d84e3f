import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { CustomerProfile, FindCustomer } from '@kendt/contracts';
import { type CommandContext, type Position, START } from '@kendt/eventsourcing';
import { type Caller, Directory } from '@kendt/nest';
import { RecordViewingCommand } from './record-viewing.handler.js';
import { isLook, viewingOf } from './viewing.js';

/** Stands between what was found and whoever asked: nothing is given out before the look is recorded. */
@Injectable()
export class Looks {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(Directory) private readonly directory: Directory,
  ) {}

  found(profile: CustomerProfile, caller: Caller, wish: FindCustomer, context: CommandContext): Promise<Position> {
    return this.#record(profile, caller, wish, context);
  }

  async opened(profile: CustomerProfile, caller: Caller, context: CommandContext): Promise<Position> {
    return isLook(caller, this.#role(caller)) ? this.#record(profile, caller, { reason: 'opened-by-id' }, context) : START;
  }

  #record(profile: CustomerProfile, caller: Caller, why: Pick<FindCustomer, 'reason' | 'staffId'>, context: CommandContext): Promise<Position> {
    const viewing = viewingOf(caller, this.#role(caller), profile, why);
    return this.commands.execute(new RecordViewingCommand(profile.customerId, viewing, context));
  }

  #role({ clientId, channel }: Caller): string {
    return channel ?? this.directory.client(clientId)?.channel ?? 'unknown';
  }
}
