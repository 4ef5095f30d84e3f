import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { protoFile } from '@kendt/contracts';
import type { Topics } from '@kendt/eventsourcing';
import { Followers, type GrpcContract, TOPICS } from '@kendt/nest';
import { ChangeContactHandler } from './change-contact.handler.js';
import { ChoosePasswordHandler } from './choose-password.handler.js';
import { CustomersController } from './customers.controller.js';
import { publishCustomers } from './customers.publisher.js';
import { EmailClaims } from './email-claims.js';
import { JoinBrandHandler } from './join-brand.handler.js';
import { LeaveBrandHandler } from './leave-brand.handler.js';
import { RecordReferenceHandler } from './record-reference.handler.js';
import { RegisterFullHandler } from './register-full.handler.js';
import { RegisterGuestHandler } from './register-guest.handler.js';
import { RegistrationController } from './registration.controller.js';
import { RegistrationGrpc } from './registration.grpc.js';
import { RegistrationMails } from './registration-mails.follower.js';
import { ReinstateCustomerHandler } from './reinstate-customer.handler.js';
import { RequestVerificationHandler } from './request-verification.handler.js';
import { SuspendCustomerHandler } from './suspend-customer.handler.js';
import { SuspensionController } from './suspension.controller.js';
import { UpgradeGuestHandler } from './upgrade-guest.handler.js';
import { VerifyEmailHandler } from './verify-email.handler.js';
import { VerifyPage } from './verify.page.js';

export const registrationGrpc: GrpcContract = { package: 'kendt.registration.v1', protoFile: protoFile('kendt.registration.v1') };

const handlers = [
  RegisterFullHandler,
  RegisterGuestHandler,
  UpgradeGuestHandler,
  ChangeContactHandler,
  JoinBrandHandler,
  LeaveBrandHandler,
  RecordReferenceHandler,
  SuspendCustomerHandler,
  ReinstateCustomerHandler,
  VerifyEmailHandler,
  ChoosePasswordHandler,
  RequestVerificationHandler,
];

/** Who becomes a customer, how they are reached, and the mails that go with it. */
@Module({
  imports: [CqrsModule],
  controllers: [RegistrationController, CustomersController, SuspensionController, VerifyPage, RegistrationGrpc],
  providers: [...handlers, EmailClaims, RegistrationMails],
})
export class RegistrationModule implements OnModuleInit {
  constructor(
    @Inject(TOPICS) private readonly topics: Topics,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(RegistrationMails) private readonly mails: RegistrationMails,
  ) {}

  onModuleInit(): void {
    this.followers.add(publishCustomers(this.topics), { lease: 'registration' });
    this.followers.add(this.mails.follower(), { lease: 'registration' });
  }
}
