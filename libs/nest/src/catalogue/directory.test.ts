import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deterministicId, MemoryEventStore, MemoryKeyRing, type NewEvent } from '@kendt/eventsourcing';
import pino from 'pino';
import { currentEvents } from '../current-events.js';
import { Directory } from './directory.js';

describe('the directory', () => {
  const events = new MemoryEventStore();
  let directory: Directory;
  const append = (stream: string, type: string, schemaVersion: string, data: object) => events.append([{ stream, expected: 'any', events: [event(stream, type, schemaVersion, data)] }]);
  beforeEach(async () => {
    await append('brand-fjord', 'BrandOpened', '1', { name: 'Fjord', look: 'fjord', contact: 'https://fjord.example', openedAt: at });
    for (const id of ['fjord', 'lund']) await append(`client-${id}`, 'ClientRegistered', '1', { ...client, registeredAt: at });
    directory = new Directory(currentEvents({ events, keys: new MemoryKeyRing() }), pino({ level: 'silent' }));
    await directory.onModuleInit();
  });
  afterEach(() => directory.onApplicationShutdown());

  it('knows a client no more that a newer Kendt has changed, and everybody else as before', async () => {
    expect(directory.clients().map(({ id }) => id)).toEqual(['fjord', 'lund']);
    await append('client-fjord', 'ClientRetired', '2', { from: 'next year' });
    await append('brand-lund', 'BrandOpened', '1', { name: 'Lund', look: 'lund', contact: 'https://lund.example', openedAt: at });
    while (!directory.brand('lund')) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(directory.clients().map(({ id }) => id)).toEqual(['lund']);
    expect(directory.brand('fjord')?.name).toBe('Fjord');
  });
});

const at = '2026-03-01T12:00:00.000Z';
const client = { name: 'Web shop', channel: 'web', grants: [], scopes: [], redirectUris: [], postLogoutRedirectUris: [], secret: 'file:x' };

let count = 0;
const event = (stream: string, type: string, schemaVersion: string, data: object): NewEvent => ({
  id: deterministicId(stream, String(count++)), type, data,
  metadata: { commandId: `c${count}`, correlationId: 'c', causationId: 'c', actorKind: 'system', actorId: 'test', recordedAt: at, schemaVersion },
});
