import { describe, expect, it } from '@jest/globals';
import { readKafkaAddress } from './address.js';

const address = (url: string) => readKafkaAddress(url, 'TOPICS_URL');

describe('the address of a Kafka cluster', () => {
  it('names one broker or several', () => {
    expect(address('kafka://localhost')).toEqual({ brokers: ['localhost:9092'], tls: undefined, login: undefined, topics: {} });
    expect(address('kafka://a.example:1,b.example,[::1]:3/').brokers).toEqual(['a.example:1', 'b.example:9092', '[::1]:3']);
  });

  it('says how topics are made', () => {
    expect(address('kafka://a?partitions=12&replication=3&minInSyncReplicas=2').topics).toEqual({ partitions: 12, replication: 3, minInSyncReplicas: 2 });
  });

  it('says how brokers are trusted', () => {
    expect(address('kafkas://a').tls).toEqual({});
    expect(address('kafka://a?tls=true&tlsCaFile=/etc/ca.pem').tls).toEqual({ caFile: '/etc/ca.pem' });
    expect(address('kafkas://a?tlsCertFile=c.pem&tlsKeyFile=k.pem').tls).toEqual({ certFile: 'c.pem', keyFile: 'k.pem' });
  });

  it('says who asks, and where the secret is', () => {
    expect(address('kafka://a?sasl=scram-sha-512&username=kendt&password=env:KAFKA_PASSWORD').login)
      .toEqual({ mechanism: 'scram-sha-512', username: 'kendt', password: 'env:KAFKA_PASSWORD' });
    expect(address('kafka://127.0.0.1:1?sasl=plain&username=kendt&password=file:/run/password').login).toMatchObject({ mechanism: 'plain' });
    expect(address('kafkas://a?sasl=oauthbearer&tokenUrl=https%3A%2F%2Fid.example%2Ftoken&clientId=kendt&clientSecret=file:s&scope=kafka').login)
      .toEqual({ mechanism: 'oauthbearer', tokenUrl: 'https://id.example/token', clientId: 'kendt', clientSecret: 'file:s', scope: 'kafka' });
  });

  it.each([
    ['kafka://', 'must be kafka://host:port'],
    ['kafka://hunter2@a', 'must not name a user before the host'],
    ['kafka://a:99999', 'names a host that is not host:port'],
    ['kafka://a?hunter2=1', 'has an option that Kendt does not know'],
    ['kafka://a?tls=', 'has the option tls without a value'],
    ['kafka://a?tls=true&tls=true', 'has the option tls twice'],
    ['kafka://a?tls=yes', 'neither true nor false'],
    ['kafkas://a?tls=false', 'leave one of them out'],
    ['kafka://a?tlsCaFile=x', 'has the option tlsCaFile without tls=true'],
    ['kafkas://a?tlsKeyFile=x', 'needs tlsCertFile and tlsKeyFile together'],
    ['kafka://a?sasl=gssapi', 'has a sasl that is none of'],
    ['kafka://a?username=kendt', 'has the option username without sasl=plain'],
    ['kafka://a?sasl=scram-sha-256&username=kendt', 'needs the option password with sasl=scram-sha-256'],
    ['kafka://a?sasl=scram-sha-256&username=kendt&password=hunter2', 'a secret is named, never given'],
    ['kafka://a?sasl=scram-sha-256&username=kendt&password=env:P&clientId=k', 'has the option clientId without sasl=oauthbearer'],
    ['kafka://a?sasl=plain&username=kendt&password=env:P', 'the secret would travel in the open'],
    ['kafkas://a?sasl=oauthbearer&tokenUrl=http://id.example&clientId=k&clientSecret=env:S', 'a tokenUrl that is not https://'],
    ['kafka://a?partitions=0', 'has a partitions that is not a whole number above 0'],
  ])('is refused when it is %s', (url, why) => {
    expect(() => address(url)).toThrow(new RegExp(`^TOPICS_URL .*${why.replace(/[.?]/g, '\\$&')}`));
    expect(() => address(url)).not.toThrow('hunter2');
  });
});
