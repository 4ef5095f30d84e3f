import type { Upcast } from '@kendt/kernel';
import type { AccessEvent } from './access.js';
import type { BrandEvent } from './brand.js';
import type { ClaimEvent } from './claim.js';
import type { ClientEvent } from './client.js';
import type { ConsentEvent } from './consent.js';
import type { CredentialEvent } from './credential.js';
import type { CustomerEvent } from './customer.js';
import type { ErasureEvent } from './erasure.js';
import type { HoldingsEvent } from './holdings.js';
import type { LoginEvent } from './login.js';
import type { PurchasesEvent } from './purchases.js';
import type { PurposeEvent } from './purpose.js';
import type { SystemEvent } from './system.js';

export type DomainEvent =
  | CustomerEvent
  | ClaimEvent
  | CredentialEvent
  | LoginEvent
  | ConsentEvent
  | PurposeEvent
  | BrandEvent
  | ClientEvent
  | PurchasesEvent
  | SystemEvent
  | HoldingsEvent
  | AccessEvent
  | ErasureEvent;

/**
 * Every event there is, with the steps that bring its older versions to today's shape; the compiler asks for each. A new event
 * begins with none. CONTRIBUTING.md has the recipe for a step.
 */
export const upcasters: Readonly<Record<DomainEvent['type'], readonly Upcast[]>> = {
  CustomerRegistered: [],
  RegistrationRepeated: [],
  EmailVerificationRequested: [],
  EmailVerified: [],
  ContactDetailsChanged: [],
  GuestUpgraded: [],
  BrandJoined: [],
  BrandLeft: [],
  ExternalIdentityLinked: [],
  ExternalIdentityUnlinked: [],
  ExternalReferenceRecorded: [],
  CustomerSuspended: [],
  CustomerReinstated: [],
  CustomerFrozen: [],
  CustomerErased: [],

  IdentifierClaimed: [],
  IdentifierReleased: [],

  PasswordSet: [],
  CredentialsLocked: [],
  CredentialsUnlocked: [],
  CredentialsDestroyed: [],

  LoginSucceeded: [],
  LoginFailed: [],
  SessionsRevoked: [],

  ConsentGranted: [],
  ConsentRefused: [],
  ConsentWithdrawn: [],

  PurposeDefined: [],
  NoticePublished: [],
  PurposeRetired: [],

  BrandOpened: [],
  BrandChanged: [],

  ClientRegistered: [],
  ClientChanged: [],
  ClientRetired: [],

  PurchaseRecorded: [],
  PurchasesForgotten: [],

  SystemRegistered: [],
  DataDeclared: [],
  RetentionRuleSet: [],
  SystemRetired: [],
  SystemMessageRefused: [],

  HoldingReported: [],
  HoldingEnded: [],

  CustomerDataViewed: [],

  ErasureRequested: [],
  RequesterConfirmed: [],
  ErasureRefused: [],
  TaskIssued: [],
  TaskPublished: [],
  TaskAcknowledged: [],
  DataRetained: [],
  TaskFailed: [],
  TaskOverdue: [],
  DeadlineExtended: [],
  KeysDestroyed: [],
  ErasureCompleted: [],
  RetentionEnded: [],
  RetainedDataErased: [],
};
