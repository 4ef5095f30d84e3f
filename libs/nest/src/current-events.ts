import { upcasters } from '@kendt/domain';
import { type EventStore, sealing, unopened, upcasting } from '@kendt/eventsourcing';
import type { Ports } from './tokens.js';

/** The events as Kendt's own code reads and writes them: opened, and in today's shape. */
export const currentEvents = ({ events, keys }: Pick<Ports, 'events' | 'keys'>): EventStore => upcasting(sealing(events, keys), upcasters);

/** In today's shape, but closed: for code that needs no personal data and asks for no key. Only for reading. */
export const closedEvents = (events: EventStore): EventStore => upcasting(unopened(events), upcasters);
