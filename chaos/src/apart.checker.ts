import type { Row } from './apart.rows.js';
import type { Fact } from './scenario.js';

/** Of an event that each command leaves, and the stream where it stands. */
const effects: Readonly<Record<string, { readonly types: readonly string[]; readonly category: string }>> = {
  register: { types: ['CustomerRegistered'], category: 'customer' },
  contact: { types: ['ContactDetailsChanged'], category: 'customer' },
  consent: { types: ['ConsentGranted', 'ConsentRefused'], category: 'consent' },
  purchase: { types: ['PurchaseRecorded'], category: 'purchases' },
  erasure: { types: ['CustomerFrozen'], category: 'customer' },
};

const done = (facts: readonly Fact[]): readonly Fact[] => facts.filter(({ is }) => is === 'done');
const counted = (keys: readonly string[]): Map<string, number> => keys.reduce((counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1), new Map<string, number>());

/** Each command that was acknowledged has had one effect, and nothing else had any. */
export const checkEffects = (facts: readonly Fact[], rows: readonly Row[]): string[] => {
  const acknowledged = counted(done(facts).map(({ what, customer, purchaseId }) => [what, customer, purchaseId].join(' ').trim()));
  const guests = new Set(rows.filter(({ type, data }) => type === 'CustomerRegistered' && data['kind'] === 'guest').map(({ stream }) => keyOf(stream)));
  const found = counted(rows.flatMap((row) => effectOf(row, guests)));
  return [...new Set([...acknowledged.keys(), ...found.keys()])].flatMap((key) => {
    const [wanted, there] = [acknowledged.get(key) ?? 0, found.get(key) ?? 0];
    return wanted === there ? [] : [`${key}: ${wanted} were acknowledged, ${there} stand in the streams`];
  });
};

const keyOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);

const effectOf = ({ stream, type, data }: Row, guests: ReadonlySet<string>): string[] => {
  const customer = keyOf(stream);
  const what = guests.has(customer) && Object.keys(effects).find((name) => effects[name]!.types.includes(type) && stream.startsWith(`${effects[name]!.category}-`));
  return what ? [[what, customer, data['purchaseId']].join(' ').trim()] : [];
};

/** Nothing that a caller must not be told. `mayAskAgain`: what could be sent again is no fault. */
export const checkAnswers = (facts: readonly Fact[], { mayAskAgain }: { readonly mayAskAgain: boolean }): string[] => {
  const wrong = facts.filter(({ is }) => is === 'refused' || is === 'unanswered' || (is === 'again' && !mayAskAgain));
  const sentences = wrong.map(({ is, what, status, code }) => (is === 'unanswered' ? `${String(what)}: was never answered` : `${String(what)}: was answered with ${[status, code].flatMap((word) => (word === undefined ? [] : String(word as string | number))).join(' ')}`));
  return [...counted(sentences)].map(([sentence, count]) => (count > 1 ? `${sentence}, ${count} times` : sentence));
};

/** Who cannot answer says when to ask again, the gateway as well. */
export const checkRetryAfter = (facts: readonly Fact[]): string[] => {
  const silent = facts.filter(({ is, status, retryAfter }) => is === 'again' && status === 503 && !retryAfter);
  return [...counted(silent.map(({ what, code }) => `${String(what)}: 503${code === undefined ? '' : ` ${String(code as string)}`} came without Retry-After`)).keys()];
};

/** Of `times` that it was tried at the same time, one has the address. */
export const checkRace = (facts: readonly Fact[], rows: readonly Row[]): string[] => {
  const claims = rows.filter(({ type, stream }) => type === 'IdentifierClaimed' && stream.startsWith('claim-'));
  const registered = rows.filter(({ type, data }) => type === 'CustomerRegistered' && data['kind'] === 'full');
  const holder = claims.at(-1)?.data['customerId'];
  return [
    ...(claims.length === 1 ? [] : [`${claims.length} have claimed the address`]),
    ...(registered.length === 1 ? [] : [`${registered.length} were registered with the address`]),
    ...(registered.length === 1 && keyOf(registered[0]!.stream) !== holder ? ['Who was registered is not who has the address'] : []),
    ...checkAnswers(facts, { mayAskAgain: true }),
  ];
};

export const figuresOf = (facts: readonly Fact[]): Record<string, number> => ({
  'commands acknowledged': done(facts).length,
  'customers erased': done(facts).filter(({ what }) => what === 'erasure').length,
  logins: facts.filter(({ is }) => is === 'signed-in').length,
  'looks by gRPC': facts.filter(({ is }) => is === 'looked').length,
  'asked again': facts.filter(({ is }) => is === 'again').length,
});

/** Commands are acknowledged while something is away, and not only before and afterwards. */
export const checkGoingOn = (facts: readonly Fact[]): string[] =>
  facts.filter(({ is }) => is === 'away').flatMap(({ from, to }) => {
    const within = done(facts).filter(({ at, overKafka }) => Number(at) > Number(from) && Number(at) < Number(to) && overKafka !== true);
    const wanted = Math.floor((Number(to) - Number(from)) / 1000);
    return within.length >= wanted ? [] : [`${within.length} commands were acknowledged in ${wanted} s without the broker`];
  });

/** Every consent that stands in the streams was heard by the connector, in order for each customer. */
export const checkHeard = (facts: readonly Fact[], rows: readonly Row[]): string[] => {
  const heard = Map.groupBy(facts.filter(({ is }) => is === 'heard'), ({ customer }) => String(customer));
  const given = Map.groupBy(rows.filter(({ type }) => effects['consent']!.types.includes(type)), ({ stream }) => keyOf(stream));
  return [...given].flatMap(([customer, events]) => {
    const [wanted, told] = [events.map(({ type }) => type.slice('Consent'.length).toLowerCase()).join(), (heard.get(customer) ?? []).map(({ state }) => String(state)).join()];
    return wanted === told ? [] : [`consents of ${customer}: a connector heard ${told || 'nothing'} in place of ${wanted}`];
  });
};

/** Every erasure that was confirmed is through: each system has answered, and nothing holds the case open. */
export const checkClosed = (facts: readonly Fact[], rows: readonly Row[]): string[] => {
  const closed = new Set(rows.filter(({ type }) => type === 'ErasureCompleted').map(({ stream }) => keyOf(stream)));
  const confirmed = done(facts).filter(({ what }) => what === 'erasure').map(({ case: id }) => String(id));
  return confirmed.filter((id) => !closed.has(id)).map((id) => `erasure case ${id} is still open`);
};

/** Somebody else took over while the first stood still, with a higher fence, and still had it afterwards. */
export const checkTakenOver = (facts: readonly Fact[]): string[] =>
  facts.filter(({ is }) => is === 'paused').flatMap(({ lease, fences, owners }) => {
    const [[before, during, after], [taker, owner]] = [fences as number[], owners as string[]];
    if (!(Number(during) > Number(before))) return [`${String(lease)}: nobody took over (fence ${before}, then ${during})`];
    return during === after && taker === owner ? [] : [`${String(lease)}: did not stay with who took over (fence ${during}, then ${after})`];
  });
