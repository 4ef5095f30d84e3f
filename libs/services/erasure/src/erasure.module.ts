import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Clock, EventStore } from '@kendt/eventsourcing';
import { CLOCK, Consumers, EVENT_STORE } from '@kendt/nest';
import { CaseAccess } from './case-access.js';
import { CaseIds } from './case-ids.js';
import { Certificates } from './certificates.js';
import { ConfirmErasureHandler } from './confirm-erasure.handler.js';
import { ErasureDeadlines } from './deadlines.timer.js';
import { Connectors } from './connectors.view.js';
import { DeclareSystemHandler } from './declare-system.handler.js';
import { ErasureCasesController } from './erasure-cases.controller.js';
import { ErasureCases } from './erasure-cases.projection.js';
import { ErasureFollowers } from './erasure.followers.js';
import { ErasureGrpc } from './erasure.grpc.js';
import { ErasureMails } from './erasure-mails.js';
import { ErasureMetrics } from './erasure.metrics.js';
import { ErasurePages } from './erasure.pages.js';
import { ErasureWorkflow } from './erasure.workflow.js';
import { HoldingsController } from './holdings.controller.js';
import { holdingsConsumer } from './holdings.consumer.js';
import { HoldingsView } from './holdings.projection.js';
import { LastMails } from './last-mails.js';
import { publishedTasksConsumer } from './published-tasks.consumer.js';
import { receiptsConsumer } from './receipts.consumer.js';
import { RequestErasureHandler } from './request-erasure.handler.js';
import { SystemsController } from './systems.controller.js';
import { Systems } from './systems.projection.js';

/** Erasure from request to certificate, and the map of which system holds what. */
@Module({
  imports: [CqrsModule],
  controllers: [ErasureCasesController, SystemsController, HoldingsController, ErasurePages, ErasureGrpc],
  providers: [
    ErasureCases, Systems, Connectors, HoldingsView, LastMails, ErasureMails, ErasureWorkflow, ErasureFollowers, ErasureDeadlines, CaseAccess, CaseIds, Certificates, ErasureMetrics,
    RequestErasureHandler, ConfirmErasureHandler, DeclareSystemHandler,
  ],
})
export class ErasureModule implements OnModuleInit {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Consumers) private readonly consumers: Consumers,
    @Inject(Connectors) private readonly connectors: Connectors,
  ) {}

  onModuleInit(): void {
    const deps = { store: this.store, clock: this.clock };
    for (const consumer of [publishedTasksConsumer, receiptsConsumer, holdingsConsumer]) this.consumers.add(consumer(deps));
    this.consumers.add(this.connectors.consumer());
  }
}
