export { normaliseEmail, normaliseNumber, normalisePhone } from './identifiers.js';
export { same } from './same.js';
export {
  claimsOf,
  type Contact,
  customer,
  type Customer,
  type CustomerCommand,
  type CustomerEvent,
  type CustomerKind,
  customerStream,
  type Language,
  type LivingCustomer,
  type SuspensionReason,
} from './customer.js';
export { isContested } from './contested.js';
export { isLiving } from './living.js';
export { activeFor, unfrozenFor, visibleTo } from './visible.js';
export { claim, type Claim, type ClaimCommand, type ClaimEvent, claimStream } from './claim.js';
export { credential, type Credential, type CredentialCommand, type CredentialEvent, credentialStream } from './credential.js';
export { failuresUntilLocked, isRevoked, lockedForMs, login, type LoginCommand, type LoginEvent, type Logins, loginStream } from './login.js';
export { consent, type ConsentCommand, type ConsentEvent, consentKey, type Consents, type ConsentState, consentStream, isGranted } from './consent.js';
export {
  currentNotice,
  type LawfulBasis,
  type Notice,
  purpose,
  type Purpose,
  type PurposeCommand,
  type PurposeEvent,
  purposeStream,
  type Texts,
} from './purpose.js';
export { brand, type Brand, type BrandCommand, type BrandEvent, brandStream } from './brand.js';
export { client, type Client, type ClientCommand, type ClientDescription, type ClientEvent, clientStream } from './client.js';
export { type Purchase, type PurchaseLine, purchases, type Purchases, type PurchasesCommand, type PurchasesEvent, purchasesStream } from './purchases.js';
export { type Declaration, type RetentionRule, system, type System, type SystemCommand, type SystemEvent, systemStream } from './system.js';
export { type Holding, holdingKey, holdings, type Holdings, type HoldingsCommand, type HoldingsEvent, holdingsStream } from './holdings.js';
export { access, type AccessCommand, type Accesses, type AccessEvent, accessStream } from './access.js';
export {
  erasure,
  type Erasure,
  type ErasureCommand,
  type ErasureEvent,
  erasureStream,
  type ErasureTask,
  type OpenErasure,
  readyForKeys,
  type Retained,
  type RetainedRecord,
  type TaskKind,
  type TaskOutcome,
} from './erasure.js';
export { type DomainEvent, upcasters } from './upcasters.js';
