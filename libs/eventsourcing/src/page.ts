import { Refusal } from '@kendt/kernel';
import type { PageOptions } from './views.port.js';

/** Where a page ended: the index value and the document id. */
export type PageEnd = readonly [value: string, id: string];

const invalid = (detail: string): Refusal => new Refusal('PAGE_INVALID', detail, 'invalid');

/** @throws Refusal `PAGE_INVALID` */
export const readPage = ({ limit = 100, cursor }: PageOptions): { limit: number; after: PageEnd | undefined } => {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw invalid('limit must be from 1 to 1000');
  return { limit, after: cursor === undefined ? undefined : readCursor(cursor) };
};

export const toCursor = (end: PageEnd): string => Buffer.from(JSON.stringify(end)).toString('base64url');

const readCursor = (cursor: string): PageEnd => {
  try {
    const end = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
    if (Array.isArray(end) && end.length === 2 && end.every((part) => typeof part === 'string')) return end as unknown as PageEnd;
  } catch {
    // Not ours, as any other that does not parse.
  }
  throw invalid('cursor is not one that was given out here');
};

/** The values of one index of a document, each once. */
export const indexValues = <T extends object>(index: (value: T) => string | readonly string[] | undefined, value: T): string[] => {
  const values = index(value) ?? [];
  return [...new Set(typeof values === 'string' ? [values] : values)];
};
