import { z } from 'zod';
import { line, Slug, Time } from './values.schema.js';

/** What a connector can follow. */
export const followed = ['customers', 'consents', 'erasures'] as const;
export const Followed = z.enum(followed).meta({ id: 'Followed' });
export type Followed = z.infer<typeof Followed>;

const Count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Why messages wait in a connector: the name and code of an error, never what stood in it. */
export const ParkedMessages = z
  .strictObject({
    what: Followed,
    reason: z.string().regex(/^[\w. -]{1,100}$/, 'must be the name and code of an error'),
    messages: Count,
    since: Time.meta({ description: 'Of the one that has waited longest.' }),
  })
  .meta({ id: 'ParkedMessages', description: 'Messages that the connector could not handle and has set aside, by reason.' });
export type ParkedMessages = z.infer<typeof ParkedMessages>;

const status = { version: line(40), parked: z.array(ParkedMessages).max(100) };

/** `kendt.connectors.<system>.v1` */
export const ConnectorStatus = z
  .strictObject({
    systemId: Slug,
    at: Time,
    ...status,
    brandIds: z.array(Slug).max(1000).optional().meta({ description: 'Whose profiles it follows; absent: every brand’s.' }),
    follows: z.array(z.strictObject({ what: Followed, group: line(200) })).max(10).meta({
      description: 'With the consumer group of each, whose name begins with the system’s: it tells how much is still to do.',
    }),
  })
  .meta({ id: 'ConnectorStatus', description: 'A connector is here. Said at its start, when something has changed, and every minute.' });
export type ConnectorStatus = z.infer<typeof ConnectorStatus>;

/** In `GET /v1/systems/{id}` */
export const ConnectorState = z
  .object({
    lastSeenAt: Time,
    ...status,
    follows: z.array(z.object({ what: Followed, lag: Count.optional().meta({ description: 'Messages that it has not handled yet; absent where the topics do not answer.' }) })),
  })
  .meta({ id: 'ConnectorState', description: 'How the connector of this system is doing. Absent where it has never reported.' });
export type ConnectorState = z.infer<typeof ConnectorState>;
