import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { protoFile } from '@kendt/contracts';
import type { EventStore, Topics } from '@kendt/eventsourcing';
import { Consumers, Directory, EVENT_STORE, Followers, type GrpcContract, TOPICS } from '@kendt/nest';
import { AccessesView } from './accesses.projection.js';
import { CustomersController } from './customers.controller.js';
import { CustomersView } from './customers.projection.js';
import { FindCustomerHandler } from './find-customer.query.js';
import { GetAccessesHandler } from './get-accesses.query.js';
import { GetCustomerHandler } from './get-customer.query.js';
import { GetPurchasesHandler } from './get-purchases.query.js';
import { Looks } from './looks.js';
import { ProfileGrpc } from './profile.grpc.js';
import { publishProfiles } from './profiles.publisher.js';
import { Profiles } from './profiles.js';
import { consumePurchases } from './purchases.consumer.js';
import { PurchasesController } from './purchases.controller.js';
import { PurchasesView } from './purchases.projection.js';
import { RecordPurchaseHandler } from './record-purchase.handler.js';
import { RecordViewingHandler } from './record-viewing.handler.js';
import { SecondTombstones } from './second-tombstones.js';

export const profileGrpc: GrpcContract = { package: 'kendt.profile.v1', protoFile: protoFile('kendt.profile.v1') };

const views = [CustomersView, AccessesView, PurchasesView];
const queries = [GetCustomerHandler, FindCustomerHandler, GetAccessesHandler, GetPurchasesHandler];
const commands = [RecordViewingHandler, RecordPurchaseHandler];

/** The customer as a brand may see it, what they bought, and who has looked. */
@Module({
  imports: [CqrsModule],
  controllers: [CustomersController, PurchasesController, ProfileGrpc],
  providers: [...views, ...queries, ...commands, Profiles, Looks, SecondTombstones],
})
export class ProfileModule implements OnModuleInit {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(Directory) private readonly directory: Directory,
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(Consumers) private readonly consumers: Consumers,
    @Inject(SecondTombstones) private readonly tombstones: SecondTombstones,
  ) {}

  onModuleInit(): void {
    this.followers.add(publishProfiles({ store: this.store, topics: this.tombstones.noting() }), { lease: 'profile' });
    this.consumers.add(consumePurchases(this.directory, (command) => this.bus.execute(command)));
  }
}
