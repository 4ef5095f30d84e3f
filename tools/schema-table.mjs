// A JSON schema as rows of a Markdown table: used by the generators of documents.
import { fieldsOf } from '@kendt/contracts';

/** The header, and a row per field; fields of objects within are named `outer.inner`, of lists `list[].inner`. */
export const fieldTable = (schema, root) => `| field | type | meaning |\n|---|---|---|\n${fieldsOf(schema, root).map(row).join('\n')}\n`;

const row = ({ path, optional, type, meaning }) => `| \`${path}\`${optional ? ' (optional)' : ''} | ${escaped(type)} | ${escaped(meaning) || '–'} |`;

/** Markdown takes a bar for a new cell and an angle bracket for HTML, except that code may hold brackets. */
export const escaped = (text) =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll(/`([^`]*)`/g, (code) => code.replaceAll('&lt;', '<'));
