import { type AsyncApi, type AsyncApiChannel, type AsyncApiMessage, type Field, fieldsOf, type JsonSchema, resolved } from '@kendt/contracts';
import { html, type Html } from '../pages/html.js';
import { page } from '../pages/page.js';

/** The AsyncAPI document for people. In English only, as all that is written for developers. */
export const topicsPage = (document: AsyncApi): string => {
  const channels = Object.entries(document.channels);
  const body = html`<div class="wide">
<p>${withCode(document.info.description)}</p>
<p>For programs: the same as <a href="/docs/asyncapi.json">an AsyncAPI ${document.asyncapi} document</a>. Version ${document.info.version}. What is asked over HTTP is <a href="/docs">elsewhere</a>.</p>
${scrolling('All topics', html`<table><caption>All topics</caption><thead><tr><th scope="col">Topic</th><th scope="col">Who writes</th><th scope="col">Kept</th></tr></thead>
<tbody>${channels.map(([id, channel]) => html`<tr><th scope="row"><a href="#${id}">${channel.address}</a></th><td>${writerOf(channel)}</td><td>${keptOf(channel)}</td></tr>`)}</tbody></table>`)}
${channels.map(([id, channel]) => topic(document, id, channel))}
</div>`;
  return page({ title: 'Topics', lang: 'en', body });
};

const topic = (document: AsyncApi, id: string, channel: AsyncApiChannel): Html => {
  const messages = Object.keys(channel.messages).map((name) => document.components.messages[name] as AsyncApiMessage);
  const parameters = Object.entries(channel.parameters ?? {});
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${channel.title}</h2>
<p><code>${channel.address}</code></p>
<p>${withCode(channel.description)}</p>
<dl>
<dt>Who writes</dt><dd>${writerOf(channel)}</dd>
<dt>Key</dt><dd>The customer’s id, <code>customerId</code> of the value</dd>
<dt>Kept</dt><dd>${keptOf(channel)}</dd>
<dt>Partitions</dt><dd>${channel.bindings.kafka.partitions}</dd>
${parameters.map(([name, { description, examples }]) => html`<dt><code>{${name}}</code></dt><dd>${description} For example: <code>${examples[0]}</code></dd>`)}
</dl>
${headers(document, channel, messages)}
${messages.map((message) => shown(document, message))}
</section>`;
};

const system = '{system}';
const writerOf = (channel: AsyncApiChannel): Html =>
  channel['x-writer'] === system ? html`The system <code>${system}</code>; Kendt reads` : html`Kendt; others read`;

const day = 24 * 60 * 60 * 1000;
const keptOf = ({ bindings: { kafka } }: AsyncApiChannel): string => {
  const { 'retention.ms': retention } = kafka.topicConfiguration;
  return typeof retention === 'number' ? `${retention / day} days` : 'The last message of each key (compacted)';
};

/** The same for all messages of a topic, apart from what the type says. */
const headers = (document: AsyncApi, { title }: AsyncApiChannel, [message]: readonly AsyncApiMessage[]): Html => {
  const { allOf: [schema = {}] = [] } = message?.headers ?? {};
  return html`<details><summary>Headers</summary>${fieldTable(`Headers of ${title}`, fieldsOf(schema, document), 'Header')}</details>`;
};

const shown = (document: AsyncApi, { title, name, summary, payload, examples }: AsyncApiMessage): Html => html`<h3 id="${name}"><code>${title}</code></h3>
${summary && html`<p>${withCode(summary)}</p>`}
${value(document, name, payload)}
${examples.map((example) => html`<details><summary>Example${examples.length > 1 && html` <code>${example.name}</code>`}</summary><pre>${written(example)}</pre></details>`)}`;

const value = (document: AsyncApi, name: string, payload: JsonSchema): Html | undefined => {
  if (payload.type === 'null') return undefined;
  const { oneOf } = resolved(payload, document);
  const tables = oneOf ? oneOf.map((one) => fieldTable(`Fields of ${name} with ${markOf(one)}`, fieldsOf(one, document))) : [fieldTable(`Fields of ${name}`, fieldsOf(payload, document))];
  return html`${tables}<p><a href="/docs/schemas/${name}.json">JSON schema</a></p>`;
};

/** What tells one form of a message from the others. */
const markOf = ({ properties = {} }: JsonSchema): string =>
  Object.entries(properties).filter(([, property]) => property.const !== undefined).map(([name, property]) => `${name} ${String(property.const)}`).join(', ');

const written = ({ headers: sent, payload }: AsyncApiMessage['examples'][number]): string =>
  `${Object.entries(sent).map(([name, text]) => `${name}: ${text}`).join('\n')}\n\n${payload === null ? '(no value)' : JSON.stringify(payload, undefined, 2)}`;

const fieldTable = (caption: string, fields: readonly Field[], what = 'Field'): Html =>
  scrolling(
    caption,
    html`<table><caption>${caption}</caption><thead><tr><th scope="col">${what}</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${fields.map(
      ({ path, optional, type, meaning }) => html`<tr><th scope="row"><code>${path}</code>${optional && html` <span class="hint">optional</span>`}</th><td>${withCode(type)}</td><td>${withCode(meaning)}</td></tr>`,
    )}</tbody></table>`,
  );

/** A table that is wider than the window is moved with the keyboard too. */
const scrolling = (label: string, table: Html): Html => html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;

/** What stands between backticks is code. */
const withCode = (text: string): Html[] => text.split('`').map((part, n) => (n % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
