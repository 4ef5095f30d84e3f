import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { protoFile } from '@kendt/contracts';
import type { EventStore, Topics } from '@kendt/eventsourcing';
import { EVENT_STORE, Followers, type GrpcContract, TOPICS } from '@kendt/nest';
import { AnswerConsentHandler } from './answer-consent.handler.js';
import { ConsentGrpc } from './consent.grpc.js';
import { ConsentWatch } from './consent.watch.js';
import { ConsentsController } from './consents.controller.js';
import { publishConsents } from './consents.publisher.js';
import { GetConsentsHandler } from './get-consents.query.js';
import { PurposesController } from './purposes.controller.js';
import { GetNoticeHandler, GetPurposesHandler } from './purposes.query.js';

export const consentGrpc: GrpcContract = { package: 'kendt.consent.v1', protoFile: protoFile('kendt.consent.v1') };

/** What may be asked, what was answered, and who is told. */
@Module({
  imports: [CqrsModule],
  controllers: [PurposesController, ConsentsController, ConsentGrpc],
  providers: [AnswerConsentHandler, GetConsentsHandler, GetPurposesHandler, GetNoticeHandler, ConsentWatch],
})
export class ConsentModule implements OnModuleInit {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  onModuleInit(): void {
    this.followers.add(publishConsents(this.store, this.topics), { lease: 'consent' });
  }
}
