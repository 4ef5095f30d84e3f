import { describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from './config.js';
import { settings, configHelp } from './settings.js';

const mistakesOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return (error as ConfigError).mistakes;
  }
};

describe('readConfig', () => {
  it('needs nothing', () => {
    expect(readConfig({})).toMatchObject({
      httpHost: '127.0.0.1', httpPort: 3000, grpcPort: 50051, operatorsPort: 9464, publicUrl: 'http://127.0.0.1:3000', eventStoreUrl: 'sqlite:data/events.db',
      secretsDir: 'data/secrets', mail: { kind: 'dir', dir: 'data/mail' }, demoSecrets: 'required', trustProxy: [], rates: { login: 30, register: 30, identifier: 20 },
    });
  });

  it('derives from what is told', () => {
    const config = readConfig({ HTTP_HOST: '::1', HTTP_PORT: '8080', DATA_DIR: '/srv/kendt', VIEWS_URL: 'mongodb://db/kendt', TRUST_PROXY: '10.0.0.1, loopback' });
    expect(config).toMatchObject({ publicUrl: 'http://[::1]:8080', keysUrl: 'sqlite:/srv/kendt/keys.db', viewsUrl: 'mongodb://db/kendt', trustProxy: ['10.0.0.1', 'loopback'] });
  });

  it('takes the slash off the public address: it is the issuer, letter by letter', () => {
    expect(readConfig({ PUBLIC_URL: 'https://id.example.com/' }).publicUrl).toBe('https://id.example.com');
  });

  it('takes an empty variable for none', () => {
    expect(readConfig({ HTTP_PORT: '' }).httpPort).toBe(3000);
  });

  it('names all mistakes at once, a sentence each', () => {
    expect(mistakesOf({ HTTP_PORT: 'http', GRPC_PORT: '70000', LOG_LEVEL: 'loud', PUBLIC_URL: 'kendt', MAIL: 'mails' })).toEqual([
      'HTTP_PORT is not a number.',
      'GRPC_PORT is above 65535.',
      'PUBLIC_URL is not a URL.',
      'MAIL is not of the form dir:FOLDER.',
      'LOG_LEVEL is none of fatal, error, warn, info, debug, trace, silent.',
    ]);
  });

  it('never shows a value, which may be a secret', () => {
    const mistakes = mistakesOf({ SMTP_URL: 'password123', RATE_LOGIN_PER_MINUTE: 'password123', EVENT_STORE_URL: 'password123', EVENT_STORE_PASSWORD: 'password123', DEMO_SECRETS: 'password123' });
    expect(mistakes).toHaveLength(5);
    expect(mistakes.join()).not.toContain('password123');
  });
});

describe('configHelp', () => {
  it('has a line with a meaning for every setting', () => {
    const lines = configHelp().split('\n');
    const names = Object.keys(settings.shape);
    expect(lines).toHaveLength(names.length);
    names.forEach((name, n) => expect(lines[n]).toMatch(new RegExp(`^${name} +.{10}`)));
    expect(lines[1]).toMatch(/^HTTP_PORT +3000 +port for REST/);
  });
});
