import { describe, expect, it } from '@jest/globals';
import { readAddress } from './address.js';

const read = (url: string) => readAddress(url, { deadline: 5000 });
const always = 'defaultDeadline=5000&nodePreference=leader';

describe('an address', () => {
  it.each([
    ['kurrentdb://localhost', { connectionString: `kurrentdb://localhost?${always}`, user: undefined, tls: true }],
    ['kurrentdb://kendt@db.example:2113/?tls=true', { connectionString: `kurrentdb://db.example:2113?tls=true&${always}`, user: 'kendt', tls: true }],
    ['kurrentdb://127.0.0.1:2113?tls=false', { connectionString: `kurrentdb://127.0.0.1:2113?tls=false&${always}`, user: undefined, tls: false }],
    ['kurrentdb://a%40b@one:1,two:2,three:3', { connectionString: `kurrentdb://one:1,two:2,three:3?${always}`, user: 'a@b', tls: true }],
    ['kurrentdb+discover://cluster.example:2113', { connectionString: `kurrentdb+discover://cluster.example:2113?${always}`, user: undefined, tls: true }],
    ['kurrentdb://h?tlsCAFile=%2Fetc%2Fca.pem', { connectionString: `kurrentdb://h?tlsCAFile=%2Fetc%2Fca.pem&${always}`, user: undefined, tls: true }],
  ])('%s is understood', (url, address) => expect(read(url)).toEqual(address));

  it.each([
    ['kurrentdb://', 'must be kurrentdb://'],
    ['http://localhost', 'must be kurrentdb://'],
    ['kurrentdb://kendt:secret@host', 'must not hold a password: name it with EVENT_STORE_PASSWORD'],
    ['kurrentdb://host?tlsVerifyCert=false', 'certificates are always verified'],
    ['kurrentdb://host?nodePreference=follower', 'speaks to the leader'],
    ['kurrentdb://host?tls=no', 'neither true nor false'],
    ['kurrentdb://host?secret=1', 'does not know'],
    ['kurrentdb://host?tlsCAFile=', 'without a value'],
    ['kurrentdb://%zz@host', 'not URL-encoded'],
  ])('%s is refused', (url, reason) => {
    expect(() => read(url)).toThrow('EVENT_STORE_URL');
    expect(() => read(url)).toThrow(reason);
    expect(() => read(url)).not.toThrow('secret');
  });
});
