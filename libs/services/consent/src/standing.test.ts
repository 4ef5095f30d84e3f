import { describe, expect, it } from '@jest/globals';
import type { StoredEvent } from '@kendt/eventsourcing';
import { brandsOf } from './consent.states.js';
import { recordedBy, recordedWith, standingsOf } from './standing.js';

const nine = '2026-03-01T09:00:00.000Z';
const ten = '2026-03-01T10:00:00.000Z';

const event = (n: number, type: string, at: string, data: object = {}): StoredEvent => ({
  id: `event-${n}`,
  type,
  stream: 'consent-ida',
  revision: n,
  position: String(n),
  data: { brandId: 'fjord', purposeId: 'newsletter', channel: 'web', ...data },
  metadata: { commandId: `command-${n}`, correlationId: '', causationId: '', actorKind: 'client', actorId: 'fjord-web', recordedAt: at, schemaVersion: '1' },
});

const granted = event(0, 'ConsentGranted', nine, { noticeVersion: 2, language: 'da', grantedAt: nine });
const withdrawn = event(1, 'ConsentWithdrawn', ten, { channel: 'account', withdrawnAt: ten });

describe('how consents stand', () => {
  it('is the last answer, with the words that it rests on', () => {
    expect(standingsOf([granted]).get('fjord/newsletter')).toEqual({
      eventId: 'event-0', brandId: 'fjord', purposeId: 'newsletter', state: 'granted', noticeVersion: 2, language: 'da', channel: 'web', at: nine,
    });
    expect(standingsOf([granted, withdrawn]).get('fjord/newsletter')).toEqual({
      eventId: 'event-1', brandId: 'fjord', purposeId: 'newsletter', state: 'withdrawn', noticeVersion: 2, language: 'da', channel: 'account', at: ten,
    });
  });

  it('leaves out what a later version may write', () => {
    const future = event(2, 'ConsentDelegated', ten);
    expect(standingsOf([granted, future])).toEqual(standingsOf([granted]));
  });

  it('is of a moment, that moment included, however the time is written', () => {
    expect(recordedBy([granted, withdrawn], '2026-03-01T09:00:00Z')).toEqual([granted]);
    expect(recordedBy([granted, withdrawn], '2026-03-01T08:59:59.999Z')).toEqual([]);
    expect(recordedBy([granted, withdrawn], undefined)).toEqual([granted, withdrawn]);
  });

  it('is of a command, or of now when the command wrote nothing', () => {
    expect(recordedWith([granted, withdrawn], 'command-0')).toEqual([granted]);
    expect(recordedWith([granted, withdrawn], 'command-9')).toEqual([granted, withdrawn]);
  });

  it('is of the brands joined and of those with an answer', () => {
    expect(brandsOf(['lund'], standingsOf([granted]))).toEqual(['lund', 'fjord']);
    expect(brandsOf(['fjord'], standingsOf([granted]))).toEqual(['fjord']);
  });
});
