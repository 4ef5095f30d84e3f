import type { OpenErasure } from '@kendt/domain';
import { html, type Html, type Language } from '@kendt/nest';
import { da, en, type PageWords } from './erasure-page.words.js';

const words: Readonly<Record<Language, PageWords>> = { da, en };

export const confirmTitle: Readonly<Record<Language, string>> = { da: da.confirmTitle, en: en.confirmTitle };
export const statusTitle: Readonly<Record<Language, string>> = { da: da.statusTitle, en: en.statusTitle };

interface ConfirmPage {
  readonly lang: Language;
  readonly systems: readonly { readonly description: { readonly name: string }; readonly rules: readonly { readonly what: string; readonly law: string }[] }[];
  readonly token: string;
  readonly csrf: Html;
}

/** What will happen, before anything does. */
export const confirmBody = ({ lang, systems, token, csrf }: ConfirmPage): Html => {
  const text = words[lang];
  const laws = systems.flatMap(({ description, rules }) => rules.map(({ what, law }) => text.keptByLaw(what, description.name, law)));
  return html`<p>${text.whatHappens}</p>
<ol class="list">${[...text.steps, ...(systems.length > 0 ? [text.systemsTold(systems.map(({ description }) => description.name))] : [])].map((step) => html`<li>${step}</li>`)}</ol>
${laws.length > 0 && html`<p>${text.lawsKeep}</p><ul class="list">${laws.map((law) => html`<li>${law}</li>`)}</ul>`}
<p class="notice bad">${text.noWayBack}</p>
<form method="post" action="/erasure/confirm?lang=${lang}" class="narrow">${csrf}<input type="hidden" name="token" value="${token}">
<p class="actions"><button class="danger">${text.confirm}</button></p></form>
<p class="hint">${text.changedYourMind}</p>`;
};

interface StatusPage {
  readonly lang: Language;
  readonly caseId: string;
  readonly erasure: OpenErasure;
  /** Of systems, by id. */
  readonly names: ReadonlyMap<string, string>;
}

export const statusBody = ({ lang, caseId, erasure, names }: StatusPage): Html => {
  const text = words[lang];
  const day = (at: string): string => new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, { dateStyle: 'long', timeZone: 'Europe/Copenhagen' }).format(new Date(at));
  const name = (systemId: string): string => names.get(systemId) ?? systemId;
  return html`<p class="notice ${erasure.status === 'completed' ? 'good' : ''}" role="status">${text.status[erasure.status]}</p>
${dates(erasure, text, day)}
${erasure.keys && html`<p>${text.keysGone(day(erasure.keys.destroyedAt))}</p>`}
${tasks(erasure, text, day, name)}
${kept(erasure, text, day, name)}
${erasure.status === 'completed' && html`<p class="actions"><a class="button" href="/erasure/${caseId}/certificate" download>${text.certificate}</a></p><p class="hint">${text.certificateHint}</p>`}`;
};

type Day = (at: string) => string;
type Name = (systemId: string) => string;

const dates = ({ requestedAt, confirmedAt, completedAt, dueAt, status }: OpenErasure, text: PageWords, day: Day): Html => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    [text.requested, requestedAt],
    [text.confirmed, confirmedAt],
    [text.due, status === 'confirmed' ? dueAt : undefined],
    [text.completed, completedAt],
  ];
  return html`<dl class="card">${rows.map(([label, at]) => at && html`<dt>${label}</dt><dd>${day(at)}</dd>`)}</dl>`;
};

const tasks = (erasure: OpenErasure, text: PageWords, day: Day, name: Name): Html | false => {
  const all = Object.values(erasure.tasks);
  return (
    all.length > 0 &&
    html`<h2>${text.systems}</h2><div class="scroll"><table><thead><tr><th scope="col">${text.system}</th><th scope="col">${text.answer}</th><th scope="col">${text.when}</th></tr></thead>
<tbody>${all.map((task) => html`<tr><th scope="row">${name(task.systemId)}</th><td>${task.overdue && !task.answeredAt ? text.overdue : text.task[task.status]}</td><td>${task.answeredAt ? day(task.answeredAt) : text.before(day(task.dueAt))}</td></tr>`)}</tbody></table></div>`
  );
};

const kept = ({ retained }: OpenErasure, text: PageWords, day: Day, name: Name): Html | false =>
  retained.length > 0 &&
  html`<h2>${text.kept}</h2><ul class="list">${retained.map(({ systemId, what, law, until, erasedAt }) =>
    html`<li>${erasedAt ? text.erasedSince(what, name(systemId), day(erasedAt)) : text.keptUntil(what, name(systemId), law, day(`${until}T12:00:00.000Z`))}</li>`)}</ul>`;
