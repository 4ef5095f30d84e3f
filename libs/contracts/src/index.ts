export {
  Channel, channels, Currency, Cursor, Day, Email, Id, Language, languages, lawfulBases, LawfulBasis, LinkToken, MinorUnits, NewPassword,
  Period, PersonName, Phone, Slug, Time, TriedPassword,
} from './values.schema.js';
export {
  ChangeContact, GuestRegistered, JoinBrand, RecordReference, RegisterCustomer, RegisterFullCustomer, RegisterGuest,
  RegistrationAccepted, SuspendCustomer, UpgradeGuest, VerifyEmail,
} from './registration.schema.js';
export {
  AnswerConsent, AnsweredPurpose, ConsentsQuery, ConsentStanding, ConsentState, consentStates, ConsentStates, Notice, NoticeVersion,
  Purpose, Purposes,
} from './consent.schema.js';
export { ConsentReceipt, consentReceiptSchemaVersion } from './consent-receipt.schema.js';
export {
  Access, Accesses, AccessesQuery, CustomerProfile, FindCustomer, ProfileConsent, Purchase, PurchaseAccepted, PurchaseHistory,
  PurchaseHistoryQuery, PurchaseLine, RecordPurchase,
} from './profile.schema.js';
export {
  CaseRetention, ConfirmErasure, DeclaredData, DeclareSystem, DestroyedKey, ErasureCase, ErasureOutcome, erasureOutcomes, ErasureRequested,
  erasureStatuses, ErasureTask, Holding, Holdings, RequestErasure, RetainedRecord, RetentionRule, System, SystemDetails, Systems, TaskKind, taskKinds, taskStatuses,
} from './erasure.schema.js';
export { ConnectorState, ConnectorStatus, Followed, followed, ParkedMessages } from './connector.schema.js';
export { Certificate, certificateAlgorithm, CertificatePayload, certificateType } from './certificate.schema.js';
export { AuditEvent, AuditQuery, EvidenceKey, EvidenceKeys, ndjson } from './audit.schema.js';
export { FieldError, fieldErrors, Problem, problemMediaType, problemType } from './problem.schema.js';
export { speakerOf } from './speaker.js';
export { type Cluster, type GrantedOperation, kendtGroups, type Principals, type TopicGrant, topicGrants } from './topic-grants.js';
export { outgoingTopic, ownerOf, type TopicContract, topicContracts, topicPatterns, topics } from './topics.js';
export {
  type CloudEvent, type EventOf, fromMessage, header, type IncomingMessage, isTombstone, keyOf, maxMessageBytes, type Message,
  type MessageFault, MessageRefused, type MessageTypes, type NewMessage, schemaUri, toMessage,
} from './cloud-event.js';
export { type AsyncApi, type AsyncApiChannel, asyncApiDocument, type AsyncApiOperation } from './async-api.js';
export type { AsyncApiMessage } from './async-api.messages.js';
export { type JsonSchema, jsonSchemaOf, messageSchema } from './message-schema.js';
export { ErasureTaskHeaders, InboundHeaders, OutboundHeaders, reminderHeader } from './message-headers.js';
export { type Field, fieldsOf, resolved } from './schema-fields.js';
export { everyMessage, type PublicTopic, publicTopics } from './topic-catalogue.js';
export {
  ConsentChanged, consentMessages, CustomerBrandJoined, CustomerBrandLeft, CustomerChanged, CustomerErased, CustomerFrozen,
  customerMessages, CustomerRegistered, CustomerReinstated, CustomerSuspended, CustomerUpgraded, CustomerVerified, ErasureTaskIssued,
  erasureTaskMessages, profileMessages,
} from './outbound.messages.js';
export {
  connectorMessages, ErasureReceipt, erasureReceiptMessages, HoldingEnded, holdingMessages, HoldingReported, purchaseMessages, PurchaseReported,
} from './inbound.messages.js';
export { apiAudience, apiScopes, loginScopes, type Scope, scopes } from './scopes.js';
export {
  Brand, Client, ConfiguredNotice, ConfiguredPurpose, ConfiguredSystem, grants, IdentityProvider, SecretReference,
} from './config.schema.js';
export {
  type ConfigFileName, configFiles, type ConfigMistake, crossCheck, type Installation, optionalConfigFiles,
} from './config-files.schema.js';
export { packageFile, protoFile, protoFolder, protoLoaderOptions, type ProtoPackage, protoPackages } from './proto-file.js';
export { fromProtoEnum, toProtoEnum } from './proto-value.js';
export {
  FindRequest, GetConsentsRequest, GetErasureRequest, GetProfileRequest, RegisterRequest, RequestErasureRequest, SetConsentRequest,
  toProtoCase, toProtoConsentChange, toProtoConsents, toProtoProfile, toProtoRegistration, UpgradeRequest, WatchConsentsRequest,
} from './grpc.schema.js';
