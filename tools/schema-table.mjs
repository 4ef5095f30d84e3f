// A JSON schema as rows of a Markdown table: used by the generators of documents.

/** Follows a `$ref` into the `$defs` of the root. */
export const resolved = (schema, root) => (schema.$ref ? root.$defs[schema.$ref.replace('#/$defs/', '')] : schema);

/** The header, and a row per field; fields of objects within are named `outer.inner`, of lists `list[].inner`. */
export const fieldTable = (schema, root) => `| field | type | meaning |\n|---|---|---|\n${rows(resolved(schema, root), root, '').join('\n')}\n`;

function rows({ properties = {}, required = [] }, root, prefix) {
  return Object.entries(properties).flatMap(([name, property]) => {
    const type = resolved(property, root);
    const isList = type.type === 'array';
    const inner = resolved(isList ? type.items : type, root);
    const fallback = property.default !== undefined && `Unless told: \`${JSON.stringify(property.default)}\`.`;
    const meaning = [property.description ?? type.description, fallback].filter(Boolean).join(' ');
    const isOptional = !required.includes(name) || property.default !== undefined;
    const own = `| \`${prefix}${name}\`${isOptional ? ' (optional)' : ''} | ${escaped(typeName(property, root))} | ${escaped(meaning) || '–'} |`;
    return [own, ...(inner?.properties ? rows(inner, root, `${prefix}${name}${isList ? '[]' : ''}.`) : [])];
  });
}

function typeName(property, root) {
  const { type, enum: values, const: only, items, format, anyOf } = resolved(property, root);
  if (only !== undefined) return `\`${only}\``;
  if (values) return values.map((value) => `\`${value}\``).join(', ');
  if (type === 'array') return `list of ${typeName(items, root)}`;
  if (property.$ref) return property.$ref.replace('#/$defs/', '');
  return format ?? type ?? anyOf?.map((one) => typeName(one, root)).join(' or ');
}

/** Markdown takes a bar for a new cell and an angle bracket for HTML, except that code may hold brackets. */
export const escaped = (text) =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll(/`([^`]*)`/g, (code) => code.replaceAll('&lt;', '<'));
