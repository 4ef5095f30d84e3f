import { randomBytes } from 'node:crypto';
import type { ConsumeOptions, TopicMessage, Topics } from '@kendt/eventsourcing';

/** A part of a cluster that looks like a cluster of its own: names of topics and groups become others on the way in, and themselves again on the way out. */
export class Namespace {
  private readonly mark = `${randomBytes(5).toString('hex')}.`;

  of(topics: Topics): Topics {
    return {
      ensure: (definitions) => this.named(topics.ensure(definitions.map((definition) => ({ ...definition, name: this.mark + definition.name })))),
      publish: (messages) => this.named(topics.publish(messages.map((message) => ({ ...message, topic: this.mark + message.topic })))),
      consume: (options) => topics.consume(this.inwards(options)),
      read: (topic, options) => this.outwards(topics.read(this.mark + topic, options)),
      rewind: (group, topic, from) => this.named(topics.rewind(this.mark + group, this.mark + topic, from)),
      lag: async (group, choice) => (await topics.lag(this.mark + group, this.choice(choice))).map(({ topic, messages }) => ({ topic: this.original(topic), messages })),
      names: async () => (await topics.names()).filter((name) => name.startsWith(this.mark)).map((name) => this.original(name)),
      close: () => topics.close(),
    };
  }

  private inwards(options: ConsumeOptions): ConsumeOptions {
    return { ...options, topics: this.choice(options.topics), group: this.mark + options.group, handle: (message) => options.handle(this.own(message)) };
  }

  private async *outwards(messages: AsyncIterable<TopicMessage>): AsyncGenerator<TopicMessage> {
    try {
      for await (const message of messages) yield this.own(message);
    } catch (error) {
      throw this.unmarked(error);
    }
  }

  private own(message: TopicMessage): TopicMessage {
    return { ...message, topic: this.original(message.topic) };
  }

  private choice(choice: ConsumeOptions['topics']): ConsumeOptions['topics'] {
    if (!(choice instanceof RegExp)) return choice.map((name) => this.mark + name);
    const anchored = choice.source.startsWith('^');
    return new RegExp(`^${this.mark.replace('.', '\\.')}${anchored ? '' : '.*'}${anchored ? choice.source.slice(1) : choice.source}`);
  }

  private original(name: string): string {
    return name.slice(this.mark.length);
  }

  private named<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      throw this.unmarked(error);
    });
  }

  private unmarked(error: unknown): unknown {
    if (error instanceof Error) error.message = error.message.replaceAll(this.mark, '');
    return error;
  }
}
