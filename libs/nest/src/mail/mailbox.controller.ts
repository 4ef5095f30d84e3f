import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../auth/scopes.js';
import type { Config } from '../config/config.js';
import { html, type Html } from '../pages/html.js';
import { language } from '../pages/language.js';
import { inOtherLanguage, page } from '../pages/page.js';
import { Page } from '../pages/page.decorator.js';
import { notFound } from '../problems/problem.js';
import { CONFIG } from '../tokens.js';
import { type KeptMail, MailDir } from './mail-dir.js';
import { linkShape, readMail } from './read-mail.js';

const words = {
  da: { mailbox: 'Postkasse', hint: 'Mails fra denne installation, nyeste først. Kun til udvikling.', none: 'Der er ingen mails endnu.', back: 'Alle mails', to: 'Til', at: 'Sendt', html: 'HTML-udgaven, som kildetekst' },
  en: { mailbox: 'Mailbox', hint: 'Mails of this installation, newest first. For development only.', none: 'There are no mails yet.', back: 'All mails', to: 'To', at: 'Sent', html: 'The HTML version, as source text' },
} as const;

const shown = 200;

/** What would have been mailed, while developing. There is none as soon as a mail server is set, or the installation is public. */
@Public()
@Controller('mailbox')
export class MailboxController {
  readonly #mails: MailDir | undefined;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'mail' | 'publicUrl'>) {
    this.#mails = mailboxOpen(config) && config.mail.kind === 'dir' ? new MailDir(config.mail.dir) : undefined;
  }

  @Get()
  @Page()
  async list(@Req() request: FastifyRequest): Promise<string> {
    const lang = language(request);
    const kept = await this.#open().list(shown);
    const rows = await Promise.all(kept.map((mail) => this.#row(mail, lang)));
    const body = html`<p class="hint">${words[lang].hint}</p>${rows.length > 0 ? html`<ul class="list">${rows}</ul>` : html`<p>${words[lang].none}</p>`}`;
    return page({ title: words[lang].mailbox, lang, body, switchTo: inOtherLanguage(request.url, lang) });
  }

  @Get(':name')
  @Page()
  async show(@Param('name') name: string, @Req() request: FastifyRequest): Promise<string> {
    const lang = language(request);
    const content = await this.#open().read(name);
    if (!content) throw notFound();
    const mail = readMail(content);
    const text = words[lang];
    const body = html`<p><a href="/mailbox?lang=${lang}">${text.back}</a></p>
<dl><dt>${text.to}</dt><dd>${mail.to}</dd><dt>${text.at}</dt><dd>${mail.date}</dd></dl>
<pre>${this.#linked(mail.text)}</pre>
<h2>${text.html}</h2>
<pre>${mail.html}</pre>`;
    return page({ title: mail.subject, lang, body, switchTo: inOtherLanguage(request.url, lang) });
  }

  #open(): MailDir {
    if (!this.#mails) throw notFound();
    return this.#mails;
  }

  async #row({ name, keptAt }: KeptMail, lang: 'da' | 'en'): Promise<Html> {
    const content = await this.#open().read(name);
    const { subject, to } = content ? readMail(content) : { subject: name, to: '' };
    return html`<li><a href="/mailbox/${name}?lang=${lang}">${subject}</a><span class="hint">${to} · ${keptAt.toISOString()}</span></li>`;
  }

  /** Our own links can be followed; whatever else a mail says is text. */
  #linked(text: string): Html[] {
    const links = text.match(linkShape) ?? [];
    const between = text.split(linkShape);
    return between.map((plain, n) => html`${plain}${this.#link(links[n])}`);
  }

  #link(address: string | undefined): Html | string | undefined {
    return address?.startsWith(`${this.config.publicUrl}/`) ? html`<a href="${address}">${address}</a>` : address;
  }
}

/** An installation behind https is no place of development: its links would let anybody in. */
export const mailboxOpen = ({ mail, publicUrl }: Pick<Config, 'mail' | 'publicUrl'>): boolean => mail.kind === 'dir' && publicUrl.startsWith('http:');
