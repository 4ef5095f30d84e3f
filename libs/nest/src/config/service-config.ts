import { type Config, configOf, type Environment, sentence, told } from './config.js';
import { type SettingName, settings } from './settings.js';

/** What every process of one service reads; each names the rest in its `Service`. */
export const settingsOfAll: readonly SettingName[] = [
  'HTTP_HOST', 'HTTP_PORT', 'OPERATORS_PORT', 'DRAIN_SECONDS', 'PUBLIC_URL', 'TRUST_PROXY', 'EVENT_STORE_URL', 'EVENT_STORE_PASSWORD', 'VIEWS_URL', 'KEYS_URL', 'SECRETS_DIR',
  'LOG_LEVEL', 'LOG_FILE',
];

/** What a process of one service is told, or it does not start: nothing is kept on a laptop's defaults by mistake. */
const neverGuessed: readonly SettingName[] = ['PUBLIC_URL', 'EVENT_STORE_URL', 'VIEWS_URL', 'TOPICS_URL', 'KEYS_URL', 'SECRETS_DIR', 'CONFIG_DIR'];

export const requiredOf = (names: readonly SettingName[]): readonly SettingName[] => neverGuessed.filter((name) => names.includes(name));

export interface ReadSettings {
  /** What stands beside a mistake is as if it were not set. */
  readonly config: Config;
  /** All of them, a sentence each; never a value, which may be a secret. */
  readonly mistakes: readonly string[];
}

/** Reads these settings and no others. Pure; an empty variable counts as absent. */
export const readSettings = (env: Environment, names: readonly SettingName[]): ReadSettings => {
  const given = told(env, names);
  const result = settings.safeParse(given);
  const wrong = result.success ? [] : result.error.issues;
  const missing = requiredOf(names).filter((name) => given[name] === undefined);
  for (const { path } of wrong) delete given[path[0] as SettingName];
  const config = configOf(settings.parse(given));
  return {
    config: sendsMails(names) ? config : { ...config, mail: { kind: 'none' } },
    mistakes: [...missing.map((name) => `${name} is missing.`), ...wrong.map(sentence), ...mailMistakes(given, names, wrong.length)],
  };
};

const sendsMails = (names: readonly SettingName[]): boolean => names.includes('SMTP_URL');

const mailMistakes = (given: Partial<Record<SettingName, string>>, names: readonly SettingName[], wrong: number): string[] =>
  sendsMails(names) && wrong === 0 && !given.SMTP_URL && !given.MAIL ? ['SMTP_URL is missing, or MAIL while developing.'] : [];
