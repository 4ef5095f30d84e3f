import { contentionContract } from '@kendt/testing';
import { SqliteEventStore } from './event-store.sqlite.js';
import { onFile } from './on-file.examples.js';

contentionContract('SqliteEventStore', onFile('events.db', (file) => SqliteEventStore.open(file)), { durable: true });
