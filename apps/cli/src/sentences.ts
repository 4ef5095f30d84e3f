import type { AuditEvent } from '@kendt/contracts';

type Data = Readonly<Record<string, unknown>>;
type Sentence = (data: Data) => string;

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '?');
const list = (value: unknown): string => (Array.isArray(value) ? value.map(text).join(', ') : '?');
const day = (value: unknown): string => text(value).slice(0, 10);

/** What an event says in plain words. */
const sentences: Readonly<Record<string, Sentence>> = {
  CustomerRegistered: ({ kind, brandId }) => `Registered as a ${text(kind)} customer of ${text(brandId)}`,
  RegistrationRepeated: ({ brandId }) => `Somebody tried to register the same address again at ${text(brandId)}`,
  EmailVerificationRequested: () => 'Another mail to verify the address was asked for',
  EmailVerified: () => 'The e-mail address was verified',
  ContactDetailsChanged: () => 'Contact details were changed',
  GuestUpgraded: () => 'The guest became a full customer',
  BrandJoined: ({ brandId }) => `Joined ${text(brandId)}`,
  BrandLeft: ({ brandId }) => `Left ${text(brandId)}`,
  ExternalIdentityLinked: ({ provider }) => `Linked an identity of ${text(provider)}`,
  ExternalIdentityUnlinked: ({ provider }) => `Unlinked the identity of ${text(provider)}`,
  ExternalReferenceRecorded: ({ systemId }) => `${text(systemId)} recorded its number of the customer`,
  CustomerSuspended: ({ reason }) => `Suspended (${text(reason)}): nobody can sign in until the reinstatement`,
  CustomerReinstated: () => 'Reinstated',
  CustomerFrozen: () => 'Frozen: an erasure has begun, nobody can sign in any more',
  CustomerErased: () => 'Erased',
  IdentifierClaimed: () => 'An identifier was claimed',
  IdentifierReleased: () => 'An identifier was given back',
  PasswordSet: () => 'A password was set',
  CredentialsLocked: ({ until }) => `Locked until ${text(until)}`,
  CredentialsUnlocked: () => 'Unlocked',
  CredentialsDestroyed: () => 'Credentials were destroyed',
  LoginSucceeded: ({ clientId, method }) => `Signed in at ${text(clientId)} (${text(method)})`,
  LoginFailed: ({ clientId }) => `A sign-in failed at ${text(clientId)}`,
  SessionsRevoked: ({ reason }) => `All sessions were ended (${text(reason)})`,
  ConsentGranted: ({ purposeId, brandId, noticeVersion }) => `Said yes to ${text(purposeId)} of ${text(brandId)}, notice ${text(noticeVersion)}`,
  ConsentRefused: ({ purposeId, brandId, noticeVersion }) => `Said no to ${text(purposeId)} of ${text(brandId)}, notice ${text(noticeVersion)}`,
  ConsentWithdrawn: ({ purposeId, brandId }) => `Took back the yes to ${text(purposeId)} of ${text(brandId)}`,
  PurchaseRecorded: ({ brandId, source }) => `A purchase at ${text(brandId)} was recorded by ${text(source)}`,
  PurchasesForgotten: () => 'Purchases were forgotten',
  HoldingReported: ({ systemId, what, record, until }) => `${text(systemId)} holds ${text(what)} ${text(record)}${until ? ` until ${day(until)}` : ''}`,
  HoldingEnded: ({ systemId, record }) => `${text(systemId)} no longer holds ${text(record)}`,
  CustomerDataViewed: ({ clientId, staffId, reason, fields }) => `${text(staffId ?? clientId)} looked at ${list(fields)} (${text(reason)})`,
  ErasureRequested: ({ dueAt }) => `Erasure was requested, due by ${day(dueAt)}`,
  RequesterConfirmed: () => 'The customer confirmed the erasure',
  ErasureRefused: ({ reason }) => `The erasure was refused (${text(reason)})`,
  TaskIssued: ({ systemId, kind, dueAt }) => `${text(systemId)} is asked to erase${kind === 'erase-retained' ? ' what a law kept until now' : ''}, by ${day(dueAt)}`,
  TaskPublished: () => 'The task is safely on its way',
  TaskAcknowledged: ({ systemId, outcome }) => `${text(systemId)} answered: ${text(outcome)}`,
  DataRetained: ({ systemId, what, record, law, until }) => `${text(systemId)} keeps ${text(what)} ${text(record)} until ${day(until)} (${text(law)})`,
  TaskFailed: ({ systemId, reason }) => `${text(systemId)} failed: ${text(reason)}`,
  TaskOverdue: ({ systemId }) => `${text(systemId)} is late and was reminded`,
  DeadlineExtended: ({ dueAt, reason }) => `The deadline was moved to ${day(dueAt)} (${text(reason)})`,
  KeysDestroyed: ({ groups }) => `The keys were destroyed: ${list(groups)}`,
  ErasureCompleted: () => 'The erasure is complete',
  RetentionEnded: ({ systemId, records }) => `The time of ${list(records)} at ${text(systemId)} is over`,
  RetainedDataErased: ({ systemId, records }) => `${text(systemId)} has erased ${list(records)} as well`,
  SystemRegistered: ({ name }) => `The system ${text(name)} was registered`,
  DataDeclared: () => 'It was declared what the system holds',
  RetentionRuleSet: () => 'It was declared how long the system keeps it',
  SystemRetired: () => 'The system was retired',
  SystemMessageRefused: ({ topic, reason }) => `A message on ${text(topic)} said what the system may not say (${text(reason)}) and was refused`,
};

/** `SomethingNewHappened` → `Something new happened`: an event from a later version is still told. */
const spelled = (type: string): string => type.replaceAll(/(?<=[a-z])([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

/** A restore takes up an erasure that the backup did not know of yet: nobody asked a second time. */
const sentencesOfRestore: Readonly<Record<string, Sentence>> = {
  ErasureRequested: ({ dueAt }) => `The erasure is done again, because a backup from before it was restored, due by ${day(dueAt)}`,
  RequesterConfirmed: () => 'No confirmation is needed: the customer had confirmed the erasure',
};

export const sentence = ({ type, data, personal, actor }: AuditEvent): string => {
  const marks = Object.entries(personal ?? {}).map(([group, mark]) => `${group}: ${mark}`);
  const said = ((actor.id === 'restore' && sentencesOfRestore[type]) || sentences[type])?.(data) ?? spelled(type);
  return marks.length > 0 ? `${said} [${marks.join(', ')}]` : said;
};

/** The events that have a sentence of their own. */
export const toldTypes: readonly string[] = Object.keys(sentences);
