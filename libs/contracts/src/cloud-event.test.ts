import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromMessage, header, type IncomingMessage, isTombstone, maxMessageBytes, type Message, MessageRefused, subjectOf, toMessage } from './cloud-event.js';
import { erasureReceiptMessages } from './inbound.messages.js';
import { goldenMessages } from './golden-messages.js';
import { consentMessages } from './outbound.messages.js';
import { everyMessage } from './topic-catalogue.js';

const ida = 'customer-ida';
const withdrawn = { customerId: ida, at: '2026-03-01T09:30:00.000Z', brandId: 'fjord', purposeId: 'newsletter' };
const event = {
  topic: 'kendt.consents.v1',
  key: ida,
  type: 'kendt.consent.withdrawn.v1',
  source: 'urn:kendt:consent',
  id: 'event-1',
  time: '2026-03-01T09:30:00.000Z',
};
const message = (data: object | null = withdrawn): Message => toMessage({ ...event, data });
const withValue = (value: Uint8Array | null): IncomingMessage => ({ ...message(), value });
const withHeaders = (headers: IncomingMessage['headers']): IncomingMessage => ({ ...message(), headers: { ...message().headers, ...headers } });

const faultOf = (given: IncomingMessage): string => {
  try {
    fromMessage(given, consentMessages);
    return 'taken';
  } catch (error) {
    expect(error).toBeInstanceOf(MessageRefused);
    return (error as MessageRefused).code;
  }
};
const refusal = (given: IncomingMessage): MessageRefused => {
  try {
    fromMessage(given, consentMessages);
  } catch (error) {
    return error as MessageRefused;
  }
  throw new Error('was taken');
};

describe('a message', () => {
  it('carries the attributes as headers and nothing but the data as value (CloudEvents, Kafka binding § 3.2)', () => {
    const { headers, value } = toMessage({ ...event, sequence: '7', traceparent: '00-a-b-01', data: withdrawn });
    expect(headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 'event-1',
      ce_type: 'kendt.consent.withdrawn.v1',
      ce_source: 'urn:kendt:consent',
      ce_time: '2026-03-01T09:30:00.000Z',
      ce_subject: ida,
      ce_sequence: '7',
      ce_dataschema: 'urn:kendt:schema:kendt.consent.withdrawn.v1',
      traceparent: '00-a-b-01',
      'content-type': 'application/json',
    });
    expect(JSON.parse(Buffer.from(value ?? []).toString())).toEqual(withdrawn);
  });

  it.each(goldenMessages())('comes back as it was sent: $file', ({ topic, type, data }) => {
    const sent = { topic, key: subjectOf(data), type, source: 'urn:kendt:test', id: 'event-1', time: event.time, sequence: '1', data };
    const read = fromMessage(toMessage(sent), everyMessage);
    expect(read).toEqual({ type, id: 'event-1', source: 'urn:kendt:test', subject: subjectOf(data), time: event.time, sequence: '1', data });
  });

  it('reads what brokers hand out: bytes for keys and headers, several values for one header', () => {
    const { key, value, headers } = message();
    const bytes = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, [Buffer.from(text)]]));
    expect(fromMessage({ key: Buffer.from(key), value: Buffer.from(value ?? []), headers: bytes }, consentMessages).data).toEqual(withdrawn);
    expect(header({ headers: { empty: [] } }, 'empty')).toBeUndefined();
  });

  it('tells a tombstone by its empty value', () => {
    expect(isTombstone(message(null))).toBe(true);
    expect(isTombstone(message())).toBe(false);
    expect(faultOf(message(null))).toBe('MESSAGE_TOMBSTONE');
  });

  it('keeps what a later version adds from the reader, and from everybody else', () => {
    expect(fromMessage(message({ ...withdrawn, added: 'later' }), consentMessages).data).toEqual(withdrawn);
  });

  it.each([
    ['no key', { ...message(), key: null }, 'MESSAGE_KEY_MISSING'],
    ['an empty key', { ...message(), key: Buffer.alloc(0) }, 'MESSAGE_KEY_MISSING'],
    ['no JSON', withValue(Buffer.from('{"customerId":')), 'MESSAGE_NOT_JSON'],
    ['no UTF-8', withValue(Buffer.from([0x22, 0xff, 0x22])), 'MESSAGE_NOT_JSON'],
    ['an empty value', withValue(Buffer.alloc(0)), 'MESSAGE_NOT_JSON'],
    ['too much', withValue(Buffer.alloc(maxMessageBytes + 1, 0x20)), 'MESSAGE_TOO_LARGE'],
    ['a type of no topic', withHeaders({ ce_type: 'kendt.consent.sold.v1' }), 'MESSAGE_TYPE_UNKNOWN'],
    ['a type that every object has', withHeaders({ ce_type: 'constructor' }), 'MESSAGE_TYPE_UNKNOWN'],
    ['no type', withHeaders({ ce_type: undefined }), 'MESSAGE_TYPE_UNKNOWN'],
    ['no id', withHeaders({ ce_id: undefined }), 'MESSAGE_INVALID'],
    ['another version of CloudEvents', withHeaders({ ce_specversion: '0.3' }), 'MESSAGE_INVALID'],
    ['a list', message([]), 'MESSAGE_INVALID'],
    ['a time without zone', message({ ...withdrawn, at: '2026-03-01T09:30:00' }), 'MESSAGE_INVALID'],
    ['another customer than its key', message({ ...withdrawn, customerId: 'customer-bo' }), 'MESSAGE_INVALID'],
  ])('with %s is refused', (_, given, code) => {
    expect(faultOf(given)).toBe(code);
  });

  it('is refused without a word of what stood in it', () => {
    const email = 'ida.holm@example.org';
    const given = toMessage({ ...event, type: 'kendt.erasure.receipt.v1', data: { customerId: ida, outcome: 'erased', at: email, [email]: email } });
    expect(() => fromMessage(given, erasureReceiptMessages)).toThrow(/unknown field/);
    expect(() => fromMessage(given, erasureReceiptMessages)).not.toThrow(email);
    expect(refusal(withValue(Buffer.from(email))).message).not.toContain(email);
    expect(refusal(withValue(Buffer.from(email))).cause).toBeUndefined();
  });

  it('is not sent when it is too large', () => {
    expect(() => message({ text: 'a'.repeat(maxMessageBytes) })).toThrow(MessageRefused);
  });

  it('never makes the reader throw anything but a refusal', () => {
    const text = fc.oneof(fc.string(), fc.uint8Array());
    const anything = fc.record({
      key: fc.option(text),
      value: fc.option(fc.oneof(fc.uint8Array(), fc.json().map((json) => Buffer.from(json)))),
      headers: fc.dictionary(fc.constantFrom(...Object.keys(message().headers)), fc.oneof(text, fc.array(text))),
    });
    fc.assert(
      fc.property(anything, ({ headers, ...given }) => {
        expect(faultOf({ ...given, headers: { ...message().headers, ...headers } })).toMatch(/^(MESSAGE_|taken)/);
      }),
    );
  });

  it('keeps any text whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (reason) => {
        const { value } = message({ reason });
        expect(JSON.parse(new TextDecoder().decode(value ?? undefined))).toEqual({ reason });
      }),
    );
  });
});
