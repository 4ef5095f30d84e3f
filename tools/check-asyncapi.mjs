// docs/asyncapi.json is valid: asked of the parser that AsyncAPI itself publishes, which in version 3 does not look at examples; that
// they are what the schemas say is checked here. Proves on small changes that a breach is seen.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import { z } from 'zod';

const file = 'docs/asyncapi.json';
const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const parser = new Parser();

/** Errors and warnings; what is merely advice (severity 2 and 3), such as the latest version, is left out. */
async function complaintsAbout(json) {
  const diagnostics = await parser.validate(json);
  const faults = diagnostics.filter(({ severity }) => severity < 2).map(({ message, path }) => `/${path.join('/')}: ${message}`);
  return faults.length > 0 ? faults : examplesOf(JSON.parse(json)).flatMap(faultsOfExample);
}

const examplesOf = ({ components: { messages, schemas } }) =>
  Object.values(messages).flatMap(({ name, headers, payload, examples }) =>
    examples.flatMap((example) => [
      { name, what: 'headers', schema: headers, schemas, value: example.headers },
      { name, what: 'payload', schema: payload, schemas, value: example.payload },
    ]),
  );

function faultsOfExample({ name, what, schema, schemas, value }) {
  const alone = JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema, definitions: schemas }).replaceAll('"#/components/schemas/', '"#/definitions/');
  const { error } = z.fromJSONSchema(JSON.parse(alone)).safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => `the ${what} of an example of ${name}: /${path.join('/')} ${message}`);
}

const changed = (change) => {
  const document = JSON.parse(text);
  change(document, document.components.messages['kendt.consent.granted.v1']);
  return JSON.stringify(document);
};

const breaches = {
  'an example without a field': changed((_, message) => delete message.examples[0].payload.purposeId),
  'an example without a header': changed((_, message) => delete message.examples[0].headers.ce_id),
  'an example of another type': changed((_, message) => (message.examples[0].headers.ce_type = 'kendt.consent.refused.v1')),
  'a reference to nothing': changed((document) => delete document.components.schemas.Slug),
  'a binding of no shape': changed((document) => (document.channels.consents.bindings.kafka.partitions = 0)),
  'a channel without an address that a parameter could stand in': changed((document) => (document.channels.profiles.address = 'kendt.profiles.v1')),
};

const complaints = (await complaintsAbout(text)).map((complaint) => `${file} ${complaint}`);
for (const [what, json] of Object.entries(breaches)) if ((await complaintsAbout(json)).length === 0) complaints.push(`Not caught: ${what}`);

for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;
else console.log(`${file} is valid AsyncAPI ${JSON.parse(text).asyncapi}; ${Object.keys(breaches).length} breaches caught.`);
