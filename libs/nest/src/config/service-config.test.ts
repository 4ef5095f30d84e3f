import { describe, expect, it } from '@jest/globals';
import { readSettings, requiredOf, settingsOfAll } from './service-config.js';
import type { SettingName } from './settings.js';

const names: readonly SettingName[] = [...settingsOfAll, 'TOPICS_URL', 'SMTP_URL', 'MAIL', 'MAIL_FROM'];
const right = {
  PUBLIC_URL: 'https://id.example.com', EVENT_STORE_URL: 'kurrentdb://db', VIEWS_URL: 'mongodb://db/views', KEYS_URL: 'mongodb://keys/keys', TOPICS_URL: 'kafka://broker', SECRETS_DIR: '/run/secrets',
  SMTP_URL: 'file:/run/secrets/smtp',
};

describe('readSettings', () => {
  it('takes what it is told', () => {
    const { config, mistakes } = readSettings(right, names);
    expect(mistakes).toEqual([]);
    expect(config).toMatchObject({ publicUrl: 'https://id.example.com', viewsUrl: 'mongodb://db/views', secretsDir: '/run/secrets', mail: { kind: 'smtp', url: 'file:/run/secrets/smtp' } });
  });

  it('guesses no place where something is kept', () => {
    expect(readSettings({}, names).mistakes).toEqual([
      'PUBLIC_URL is missing.', 'EVENT_STORE_URL is missing.', 'VIEWS_URL is missing.', 'TOPICS_URL is missing.', 'KEYS_URL is missing.', 'SECRETS_DIR is missing.', 'SMTP_URL is missing, or MAIL while developing.',
    ]);
  });

  it('names what is missing and what is wrong at once, and goes on with the rest', () => {
    const { config, mistakes } = readSettings({ ...right, VIEWS_URL: '', HTTP_PORT: 'http', LOG_LEVEL: 'loud' }, names);
    expect(mistakes).toEqual(['VIEWS_URL is missing.', 'HTTP_PORT is not a number.', 'LOG_LEVEL is none of fatal, error, warn, info, debug, trace, silent.']);
    expect(config.secretsDir).toBe('/run/secrets');
  });

  it('does not look at a setting that is not its own', () => {
    const { config, mistakes } = readSettings({ ...right, SMTP_URL: 'nonsense', RATE_LOGIN_PER_MINUTE: 'many' }, [...settingsOfAll]);
    expect(mistakes).toEqual([]);
    expect(config.mail).toEqual({ kind: 'none' });
  });

  it('wants only what a process reads', () => {
    expect(requiredOf(['HTTP_PORT', 'TOPICS_URL', 'MAIL'])).toEqual(['TOPICS_URL']);
  });
});
