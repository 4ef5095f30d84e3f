import { z } from 'zod';
import { schemaUri } from './cloud-event.js';
import { Id, Time } from './values.schema.js';

/*
 * The headers of messages: the attributes of a CloudEvent 1.0 in Kafka's binary mode, and what Kendt adds. Open: a reader ignores
 * headers that it does not know.
 */

/** Tells a system that has seen the task before that it is late: the same task under a new message id, which no reader drops as a repetition. */
export const reminderHeader = 'kendt-reminder';

const attributes = {
  ce_specversion: z.literal('1.0').meta({ description: 'Of CloudEvents.' }),
  ce_id: Id.meta({ description: 'A message that comes again has the same id and source: the second is dropped.' }),
  ce_type: z.string().meta({ description: 'What has happened, in which version.' }),
  ce_source: z.string().min(1).max(300).meta({ description: 'Who says so.' }),
};
const optional = {
  ce_dataschema: z.string().optional().meta({ description: `The schema of the value: \`${schemaUri('<ce_type>')}\`.` }),
  traceparent: z.string().max(64).optional().meta({ description: 'W3C Trace Context of the request that led to this.' }),
  'content-type': z.literal('application/json').optional().meta({ description: 'Of the value; absent where there is none.' }),
};

export const OutboundHeaders = z
  .object({
    ...attributes,
    ce_time: Time.meta({ description: 'When it happened. ISO 8601, UTC.' }),
    ce_subject: Id.meta({ description: 'The customer, as in the key.' }),
    ce_sequence: z.string().max(64).meta({ description: 'Counts up per customer and source.' }),
    ...optional,
  })
  .meta({ id: 'OutboundHeaders', description: 'What Kendt sends with each message.' });

export const ErasureTaskHeaders = OutboundHeaders.extend({
  [reminderHeader]: z.literal('true').optional().meta({ description: 'The task is overdue: it comes again under a new id.' }),
}).meta({ id: 'ErasureTaskHeaders', description: 'What Kendt sends with each task.' });

export const InboundHeaders = z
  .object({
    ...attributes,
    ce_time: Time.optional().meta({ description: 'When it happened. ISO 8601, UTC.' }),
    ce_subject: Id.optional().meta({ description: 'The customer; the key is what counts.' }),
    ce_sequence: z.string().max(64).optional().meta({ description: 'Counts up per customer and source.' }),
    ...optional,
  })
  .meta({ id: 'InboundHeaders', description: 'What Kendt reads of each message that it gets.' });
