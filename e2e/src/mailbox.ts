import { FormBrowser } from '@kendt/testing/form-browser';
import type { World } from './world.js';

/** Reads the development mailbox as a person does; the newest mail to this address that fits. */
export const latestMail = async (world: Pick<World, 'place'>, to: string, fits: (html: string) => boolean): Promise<string | undefined> => {
  const browser = new FormBrowser({ origins: [world.place.url] });
  const list = await browser.open(new URL('/mailbox', world.place.url));
  for (const { href } of list.links.filter((link) => link.href.startsWith('/mailbox/'))) {
    const mail = await browser.open(new URL(href, world.place.url));
    const html = mail.links.map((link) => link.href).join('\n') + mail.text;
    if (mail.text.includes(to) && fits(html)) return html;
  }
  return undefined;
};

/** The first link of a mail to this path. */
export const linkIn = (mail: string, path: string): string => {
  const link = new RegExp(`https?://[^\\s"'<>]+${path}\\?token=[A-Za-z0-9_.-]+`).exec(mail)?.[0];
  if (!link) throw new Error(`The mail has no link to ${path}`);
  return link;
};
