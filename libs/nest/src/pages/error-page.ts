import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import type { Problem } from '../problems/problem.js';
import { html } from './html.js';
import { language } from './language.js';
import { page } from './page.js';

/** A person with a browser gets a page; whoever calls the interface gets `application/problem+json`. */
export const wantsPage = ({ headers, url }: FastifyRequest): boolean =>
  !url.startsWith('/v1/') && new Negotiator({ headers }).mediaType(['application/problem+json', 'text/html']) === 'text/html';

type Kind = 'missing' | 'refused' | 'slow' | 'broken';

const kindOf = (status: number): Kind => (status === 404 || status === 410 ? 'missing' : status === 429 || status === 503 ? 'slow' : status >= 500 ? 'broken' : 'refused');

const words = {
  da: {
    missing: ['Siden findes ikke', 'Adressen er måske skrevet forkert, eller linket er udløbet.'],
    refused: ['Det gik ikke', 'Gå tilbage, genindlæs siden, og prøv igen.'],
    slow: ['Vent et øjeblik', 'Der er for mange forsøg lige nu. Prøv igen om et minut.'],
    broken: ['Der skete en fejl hos os', 'Prøv igen om lidt. Hjælper det ikke, så skriv til os, og opgiv nummeret.'],
    number: 'Nummer',
  },
  en: {
    missing: ['There is no such page', 'The address may be mistyped, or the link has expired.'],
    refused: ['That did not work', 'Go back, reload the page, and try again.'],
    slow: ['One moment, please', 'There are too many attempts just now. Try again in a minute.'],
    broken: ['Something went wrong on our side', 'Try again in a while. If that does not help, write to us and give the number.'],
    number: 'Number',
  },
} as const;

export const errorPage = (problem: Problem, request: FastifyRequest, traceId: string | undefined): string => {
  const lang = language(request);
  const [title, advice] = words[lang][kindOf(problem.status)];
  return page({ title, lang, body: html`<p>${advice}</p>${traceId && html`<p class="hint">${words[lang].number}: <code>${traceId}</code></p>`}` });
};
