import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeadLetters, deadLetterTopic, type OutgoingMessage, randomId, runConsumer, type TopicMessage, type Topics } from '@kendt/eventsourcing';
import { KafkaTopics } from '@kendt/kafka';
import { Refusal } from '@kendt/kernel';
import { SqliteViews } from '@kendt/sqlite';
import { type Place, placeIn } from './kafka.clusters.js';
import type { Ordeal } from './scenario.js';

export const sabotages = {
  swallow: 'passes poison over without a word',
  lose: 'takes dead letters away without sending them again',
};

export const reason = 'POISON';

const customers = 200;
const poisonShare = 0.01;
/** Nothing has moved for so long. */
const stuckMs = 60_000;

export const topicOf = ({ prefix }: Place): string => `${prefix}.purchases`;
const groupOf = ({ prefix }: Place): string => `${prefix}.group`;
export const deadTopicOf = (place: Place): string => deadLetterTopic(topicOf(place), groupOf(place));

const messagesOf = (place: Place, first: number, count: number, random: () => number): OutgoingMessage[] =>
  Array.from({ length: count }, (_, index) => {
    const poison = random() < poisonShare ? 'yes' : 'no';
    return { topic: topicOf(place), key: `customer-${Math.floor(random() * customers)}`, value: Buffer.from(String(first + index)), headers: { ce_id: randomId(), poison } };
  });

const losing = (topics: Topics): Pick<Topics, 'read' | 'names' | 'publish' | 'ensure'> => ({
  read: (topic, options) => topics.read(topic, options),
  names: () => topics.names(),
  ensure: (definitions) => topics.ensure(definitions),
  publish: (messages) => topics.publish(messages.filter(({ topic }) => !topic.endsWith('.retry'))),
});

/** Messages come, one in a hundred is refused; then the cause is mended, and the dead letters are sent again. */
export const endure = async ({ folder, times, random, sabotage, say, progress, signal }: Ordeal): Promise<void> => {
  const place = placeIn(folder);
  const [topics, views] = [KafkaTopics.open({ url: place.url, timing: { session: 6_000, fetchWait: 50 } }), await SqliteViews.open(join(folder, 'views.db'))];
  await topics.ensure([{ name: topicOf(place), cleanup: 'delete', retentionMs: 3_600_000, partitions: 3 }]);
  let [mended, handled] = [false, 0];
  const handle = async ({ key, value, headers }: TopicMessage): Promise<void> => {
    const isPoison = headers['poison'] === 'yes';
    if (isPoison && !mended && sabotage === 'swallow') return;
    if (isPoison && !mended) throw new Refusal(reason, 'This one cannot be handled', 'invalid');
    say({ is: 'handled', id: headers['ce_id'], key, number: Number(Buffer.from(value!).toString()), after: isPoison ? 'redrive' : 'at first' });
    handled++;
  };
  const end = new AbortController();
  const running = runConsumer({ topics, views }, { group: groupOf(place), topics: [topicOf(place)], atOnce: 48, handle }, end.signal);
  const moves = (): void => progress(Math.floor(handled / 1_000));
  const until = async (isSo: () => boolean | Promise<boolean>, ms = stuckMs): Promise<void> => {
    for (let [seen, latest] = [handled, Date.now() + ms]; !(await isSo()) && Date.now() < latest && !signal.aborted; moves()) {
      if (handled > seen) [seen, latest] = [handled, Date.now() + ms];
      await Promise.race([sleep(50), running]);
    }
  };
  try {
    for (let done = 0; done < times && !signal.aborted; moves()) await topics.publish(messagesOf(place, done++ * 1_000, 1_000, random));
    await until(async () => (await topics.lag(groupOf(place), [topicOf(place)])).every(({ messages }) => messages === 0));
    mended = true;
    await new DeadLetters({ topics: sabotage === 'lose' ? losing(topics) : topics, views }).resend({ topic: topicOf(place) });
    await until(() => handled >= times * 1_000, sabotage ? 5_000 : stuckMs);
  } finally {
    end.abort();
    await running;
    await Promise.all([topics.close(), views.close()]);
  }
};
