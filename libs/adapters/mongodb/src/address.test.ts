import { describe, expect, it } from '@jest/globals';
import { readAddress } from './address.js';

const resolve = (reference: string): string => `what ${reference} names`;
const read = (url: string) => readAddress(url, 'VIEWS_URL', resolve);

describe('the address of a MongoDB', () => {
  it('names hosts, a database, and who asks; the password comes from elsewhere', () => {
    expect(read('mongodb://ken%40dt@a:27017,b:27017/views?replicaSet=rs0&password=file:/run/secrets/views&tls=true&tlsCAFile=/etc/ca.pem')).toEqual({
      connectionString: 'mongodb://a:27017,b:27017/views?replicaSet=rs0&tls=true&tlsCAFile=%2Fetc%2Fca.pem',
      database: 'views',
      login: { user: 'ken@dt', password: 'what file:/run/secrets/views names', authSource: 'views' },
    });
    expect(read('mongodb+srv://kendt@cluster.example/views?password=env:P&authSource=admin').login).toMatchObject({ authSource: 'admin' });
  });

  it('may name nobody on this machine, and a certificate in a user’s place', () => {
    expect(read('mongodb://127.0.0.1:27017/views')).toEqual({ connectionString: 'mongodb://127.0.0.1:27017/views?', database: 'views', login: undefined });
    expect(read('mongodb://a/views?tls=true&tlsCertificateKeyFile=/k.pem&authMechanism=MONGODB-X509').connectionString).toContain('authMechanism=MONGODB-X509&authSource=%24external');
  });

  it.each([
    ['mongodb://kendt@a?password=env:P', 'must be mongodb://'],
    ['mongodb://kendt:hunter2@a/views', 'must not hold a password'],
    ['mongodb://kendt@a/views?password=hunter2', 'has a password that is not env:NAME or file:PATH'],
    ['mongodb://kendt@a/views', 'needs a user before the host and the option password together'],
    ['mongodb://a/views?password=env:P', 'needs a user before the host and the option password together'],
    ['mongodb://a/views', 'names no user'],
    ['mongodb://127.0.0.1,a/views', 'names no user'],
    ['mongodb://127.0.0.1/views?w=1', 'has the option w, but Kendt writes to a majority'],
    ['mongodb://127.0.0.1/views?tlsInsecure=true', 'certificates are always verified'],
    ['mongodb://127.0.0.1/views?hunter2=1', 'has an option that Kendt does not know'],
    ['mongodb://127.0.0.1/views?tls=', 'has the option tls without a value'],
    ['mongodb://127.0.0.1/views?tls=yes', 'neither true nor false'],
    ['mongodb://127.0.0.1/views?tls=true&tls=true', 'has the option tls twice'],
    ['mongodb://127.0.0.1/views?maxPoolSize=0', 'maxPoolSize'],
    ['mongodb://a/views?authMechanism=MONGODB-X509', 'needs tlsCertificateKeyFile'],
    ['mongodb://%zz@a/views?password=env:P', 'not URL-encoded'],
  ])('is refused in one sentence that repeats nothing: %s', (url, why) => {
    const failure = ((): Error => {
      try {
        throw new Error(JSON.stringify(read(url)));
      } catch (error) {
        return error as Error;
      }
    })();
    expect(failure.message).toMatch(/^VIEWS_URL .*\.$/);
    expect(failure.message).toContain(why);
    expect(failure.message).not.toContain('hunter2');
  });
});
