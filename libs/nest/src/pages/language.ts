import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

export const languages = ['da', 'en'] as const;
export type Language = (typeof languages)[number];

/** `?lang=` (our own links), then `ui_locales` (OpenID Connect), then `Accept-Language`, then English. */
export const language = (request: Pick<FastifyRequest, 'headers' | 'query'>): Language => {
  const query = (request.query ?? {}) as Record<string, unknown>;
  const asked = [...words(query['lang']), ...words(query['ui_locales'])].map((locale) => locale.slice(0, 2).toLowerCase());
  return asked.map(known).find((each) => each !== undefined) ?? negotiated(request);
};

const words = (value: unknown): readonly string[] => (typeof value === 'string' ? value.split(' ') : []);
const known = (text: string | undefined): Language | undefined => languages.find((each) => each === text);
const negotiated = ({ headers }: Pick<FastifyRequest, 'headers'>): Language =>
  known(new Negotiator({ headers: { 'accept-language': headers['accept-language'] ?? 'en' } }).languages(['en', 'da'])[0]) ?? 'en';
