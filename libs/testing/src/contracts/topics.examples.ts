import type { ConsumeControl, ConsumeOptions, OutgoingMessage, TopicMessage, Topics } from '@kendt/eventsourcing';
import { eventually } from './opened.js';

export const message = (topic: string, key: string, text: string | null): OutgoingMessage => ({
  topic, key, value: text === null ? null : Buffer.from(text), headers: { 'ce-type': 'kendt.contract.v1' },
});

export const text = ({ value }: TopicMessage): string | null => value && Buffer.from(value).toString();

export interface Consuming {
  readonly seen: readonly TopicMessage[];
  /** Once the group consumes. */
  readonly control: Promise<ConsumeControl>;
  texts(): (string | null)[];
  until(count: number): Promise<void>;
  stop(): Promise<void>;
}

export const consume = (topics: Topics, options: Partial<ConsumeOptions> & Pick<ConsumeOptions, 'topics' | 'group'>): Consuming => {
  const abort = new AbortController();
  const seen: TopicMessage[] = [];
  const handle = async (one: TopicMessage): Promise<void> => {
    await options.handle?.(one);
    seen.push(one);
  };
  const started = Promise.withResolvers<ConsumeControl>();
  const done = topics.consume({ ...options, handle, signal: abort.signal, control: started.resolve });
  return {
    seen,
    control: started.promise,
    texts: () => seen.map(text),
    until: (count) => eventually(() => seen.length >= count, `${count} messages`),
    stop: () => (abort.abort(), done),
  };
};

/** Long enough for something that must not come to have come. */
export const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 120));
