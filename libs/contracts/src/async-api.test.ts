import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { asyncApiDocument } from './async-api.js';
import { goldenMessages } from './golden-messages.js';
import { messageSchema } from './message-schema.js';
import { ErasureTaskHeaders, InboundHeaders, OutboundHeaders } from './message-headers.js';
import { fieldsOf, resolved } from './schema-fields.js';
import { everyMessage, publicTopics } from './topic-catalogue.js';

const document = asyncApiDocument();
const messages = Object.values(document.components.messages);

describe('the AsyncAPI document', () => {
  it('has a channel for every topic: what, who writes, how long it is kept', () => {
    expect(Object.values(document.channels).map(({ address }) => address)).toEqual(publicTopics.map(({ name }) => name));
    expect(document.channels['purchases']).toMatchObject({
      address: 'kendt.purchases.{system}.v1',
      'x-writer': '{system}',
      parameters: { system: {} },
      bindings: { kafka: { partitions: 6, topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': 604_800_000 } } },
    });
    expect(document.channels['profiles']?.bindings.kafka.topicConfiguration).toEqual({
      'cleanup.policy': ['compact'], 'delete.retention.ms': 604_800_000, 'segment.ms': 1_800_000, 'max.compaction.lag.ms': 1_800_000,
    });
  });

  it('says which way each goes, as Kendt sees it', () => {
    expect(Object.entries(document.operations).map(([name, { action }]) => [name, action])).toEqual([
      ['send-customers', 'send'],
      ['send-consents', 'send'],
      ['send-profiles', 'send'],
      ['send-erasure-tasks', 'send'],
      ['receive-erasure-receipts', 'receive'],
      ['receive-holdings', 'receive'],
      ['receive-purchases', 'receive'],
      ['receive-connectors', 'receive'],
    ]);
  });

  it('has every message, with its tombstone where there is one', () => {
    expect(messages.map(({ name }) => name).sort()).toEqual([...Object.keys(everyMessage), 'profiles.tombstone'].sort());
    expect(document.components.messages['profiles.tombstone']).toMatchObject({ payload: { type: 'null' }, examples: [{ payload: null }] });
  });

  it('leads nowhere but into itself', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = '']) => reference);
    const missing = references.filter((reference) => Object.keys(resolved({ $ref: reference }, document)).length === 0);
    expect([references.length > 100, missing]).toEqual([true, []]);
  });

  it('names in every message the schema of its value', () => {
    const named = messages.map(({ name, headers }) => [name, headers.properties?.['ce_dataschema']?.const]);
    expect(named).toEqual(named.map(([name]) => [name, name === 'profiles.tombstone' ? undefined : `urn:kendt:schema:${String(name)}`]));
  });

  it('shows headers as they are sent', () => {
    for (const { name, examples } of messages) {
      const headers = publicTopics.find((topic) => name in topic.messages || name.startsWith(topic.id))?.headers;
      for (const example of examples) expect(headers?.parse(example.headers)).toEqual(example.headers);
    }
  });
});

describe('the schema of a message by itself', () => {
  it.each(goldenMessages())('takes $file', ({ type, data }) => {
    const schema = messageSchema(type);
    expect(schema?.$id).toBe(`urn:kendt:schema:${type}`);
    expect(z.fromJSONSchema(schema as never).parse(data)).toEqual(data);
  });

  it('is open where Kendt tells, and closed where it is told', () => {
    expect(messageSchema('kendt.profile.changed.v1')).not.toHaveProperty('additionalProperties');
    expect(JSON.stringify(messageSchema('kendt.profile.changed.v1'))).not.toContain('"additionalProperties":false');
    expect(messageSchema('kendt.purchase.reported.v1')).toHaveProperty('additionalProperties', false);
  });

  it('is not there for what is no message', () => {
    expect([messageSchema('kendt.customer.sold.v1'), messageSchema('constructor')]).toEqual([undefined, undefined]);
  });
});

describe('headers', () => {
  const needed = { ce_specversion: '1.0', ce_id: 'event-1', ce_type: 'kendt.consent.granted.v1', ce_source: 'urn:kendt:consent' };
  const sent = { ...needed, ce_time: '2026-03-01T09:30:00.000Z', ce_subject: 'customer-ida', ce_sequence: '7' };

  it('say more of what is sent than is asked of others', () => {
    expect([InboundHeaders.safeParse(needed).success, OutboundHeaders.safeParse(needed).success, OutboundHeaders.safeParse(sent).success]).toEqual([true, false, true]);
    expect([ErasureTaskHeaders.safeParse({ ...sent, 'kendt-reminder': 'true' }).success, ErasureTaskHeaders.safeParse({ ...sent, 'kendt-reminder': 'no' }).success]).toEqual([true, false]);
  });
});

describe('the fields of a schema', () => {
  const root = {
    definitions: { Size: { type: 'object', properties: { width: { type: 'integer' } }, required: ['width'] }, Name: { type: 'string', description: 'Of anything.' } },
    properties: {
      name: { allOf: [{ $ref: '#/definitions/Name' }], description: 'Of this.' },
      other: { $ref: '#/definitions/Name' },
      sizes: { type: 'array', items: { $ref: '#/definitions/Size' } },
      size: { $ref: '#/definitions/Size' },
      how: { enum: ['land', 'sea'], default: 'sea' },
      until: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
      any: {},
    },
    required: ['name', 'how'],
  };

  it('are told in words, those within by their paths', () => {
    expect(fieldsOf(root, root).map(({ path, optional, type, meaning }) => [path, optional, type, meaning])).toEqual([
      ['name', false, 'Name', 'Of this.'],
      ['other', true, 'Name', 'Of anything.'],
      ['sizes', true, 'list of Size', ''],
      ['sizes[].width', false, 'integer', ''],
      ['size', true, 'Size', ''],
      ['size.width', false, 'integer', ''],
      ['how', true, '`land`, `sea`', 'Unless told: `"sea"`.'],
      ['until', true, 'date or null', ''],
      ['any', true, 'anything', ''],
    ]);
  });
});
