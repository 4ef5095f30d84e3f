import { type Appended, categoryOf, type EventStore, RevisionConflict, type StreamAppend } from '@kendt/eventsourcing';
import { type Observer, outcomeOf, secondsSince } from './observer.js';

/** The event store, with each append timed, counted and a span of its trace. */
export const observedEvents = (events: EventStore, { metrics, tracing }: Omit<Observer, 'logger'>): EventStore => {
  let waiting = 0;
  metrics.gauge('kendt_append_waiting', () => waiting);
  const append = async (appends: readonly StreamAppend[]): Promise<Appended> => {
    const begun = performance.now();
    let outcome = 'ok';
    waiting++;
    try {
      const appended = await tracing.inSpan(spanOf(appends), () => events.append(appends));
      metrics.add('kendt_append_events_total', {}, eventsIn(appends));
      return appended;
    } catch (error) {
      outcome = error instanceof RevisionConflict ? 'conflict' : outcomeOf(error);
      throw error;
    } finally {
      waiting--;
      metrics.observe('kendt_append_seconds', { outcome }, secondsSince(begun));
    }
  };
  return { append, read: (...args) => events.read(...args), subscribe: (options) => events.subscribe(options), close: () => events.close() };
};

const eventsIn = (appends: readonly StreamAppend[]): number => appends.reduce((sum, { events }) => sum + events.length, 0);

/** What happened to what kind of thing, never to whom. */
const spanOf = (appends: readonly StreamAppend[]) => {
  const categories = [...new Set(appends.map(({ stream }) => categoryOf(stream)))];
  const types = [...new Set(appends.flatMap(({ events }) => events.map(({ type }) => type)))];
  return { name: 'append', attributes: { 'kendt.categories': categories, 'kendt.event.types': types, 'kendt.events': eventsIn(appends) } };
};
