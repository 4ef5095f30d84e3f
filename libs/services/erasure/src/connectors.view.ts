import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { connectorMessages, type ConnectorState, type ConnectorStatus, type Followed, fromMessage, speakerOf, topicPatterns, topics as names } from '@kendt/contracts';
import type { Consumer, Topics, View, Views } from '@kendt/eventsourcing';
import { Refusal } from '@kendt/kernel';
import { TOPICS, VIEWS } from '@kendt/nest';

/**
 * What the connectors say of themselves. No event of any stream: it is true for a minute, and whoever has lost it hears it
 * again in the next.
 */
@Injectable()
export class Connectors implements OnModuleInit {
  #view: View<ConnectorStatus> | undefined;

  constructor(
    @Inject(VIEWS) private readonly views: Views,
    @Inject(TOPICS) private readonly topics: Topics,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#view = await this.views.open<ConnectorStatus>({ name: 'connectors@1' });
  }

  consumer(): Consumer {
    return {
      group: 'erasure-connectors',
      topics: topicPatterns.connectors,
      handle: async (message) => {
        const event = fromMessage(message, connectorMessages);
        const { data } = event;
        if (data.systemId !== speakerOf(message, event)) throw new Refusal('SYSTEM_NOT_OF_TOPIC', 'The message speaks for another system than its topic’s', 'forbidden');
        if (data.follows.some(({ group }) => !group.startsWith(`${data.systemId}.`)))
          throw new Refusal('GROUP_OF_ANOTHER_SYSTEM', 'The name of a connector’s group begins with the id of its system and a dot', 'forbidden');
        await this.#view?.put(data.systemId, data);
      },
    };
  }

  /** Undefined where it has never been heard of. */
  async find(systemId: string): Promise<ConnectorState | undefined> {
    const status = (await this.#view?.get(systemId))?.value;
    if (!status) return undefined;
    const { at, version, parked } = status;
    return { lastSeenAt: at, version, parked, follows: await Promise.all(status.follows.map((one) => this.#progress(one, status.brandIds))) };
  }

  async #progress({ what, group }: ConnectorStatus['follows'][number], brandIds: ConnectorStatus['brandIds']): Promise<ConnectorState['follows'][number]> {
    const lags = await this.topics.lag(group, topicsOf(what, brandIds)).catch(() => undefined);
    return { what, ...(lags && { lag: lags.reduce((sum, { messages }) => sum + messages, 0) }) };
  }
}

const topicsOf = (what: Followed, brandIds: readonly string[] | undefined): readonly string[] | RegExp => {
  if (what === 'customers') return brandIds ? brandIds.map(names.profiles) : topicPatterns.profiles;
  return [what === 'consents' ? names.consents : names.erasureTasks];
};
