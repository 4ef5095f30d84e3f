import { ask, type Answer } from '../rest.js';
import { latestMail, linkIn } from '../mailbox.js';
import type { Person } from '../people.js';
import { eventually, expectThat, type Step } from '../step.js';
import type { World } from '../world.js';
import { FormBrowser } from '@kendt/testing/form-browser';

const consents = [
  { purposeId: 'newsletter', answer: 'granted', noticeVersion: 1, language: 'da' },
  { purposeId: 'personal-offers', answer: 'granted', noticeVersion: 2, language: 'da' },
  { purposeId: 'product-research', answer: 'refused', noticeVersion: 1, language: 'da' },
];

/** A web shop's backend registers a person who has just filled in its form. */
export const register = async (world: World, person: Person, email = person.email): Promise<Answer> =>
  ask(world.place.url, 'POST', '/v1/customers', {
    token: await world.token('fjord-web', 'customers:register'),
    body: { kind: 'full', email, name: { given: person.given, family: person.family }, phone: person.phone, password: person.password, language: 'da', consents },
  });

export const registerAtFjord: Step = {
  name: 'register',
  title: 'Ida registers in Fjord’s web shop, with three consent answers',
  play: async (world) => {
    const answer = await register(world, world.ida);
    expectThat(answer.status === 202, 'The registration is accepted', answer.text);
    world.note('registered', answer.text);
    return { asked: 'POST /v1/customers with e-mail, name, phone, password and three answers', answered: `202 ${answer.text}` };
  },
};

const verify = async (world: World, person: Person): Promise<string> => {
  const mail = await eventually('The confirmation mail', () => latestMail(world, person.email, (text) => text.includes('/verify?token=')));
  const browser = new FormBrowser({ origins: [world.place.url], language: 'da' });
  const page = await browser.open(linkIn(mail, '/verify'));
  expectThat(page.status === 200, 'The link verifies the address', `${page.status} ${page.text}`);
  return page.text;
};

export const verifyByMail: Step = {
  name: 'verify',
  title: 'She follows the link in the mail',
  play: async (world) => {
    const text = await verify(world, world.ida);
    return { asked: 'GET /verify with the token of the mail', answered: `200 “${text.slice(0, 90)}…”` };
  },
};

export const registerAgain: Step = {
  name: 'register-again',
  title: 'Somebody registers the same address again, in capitals and with spaces',
  play: async (world) => {
    const spelled = `  ${world.ida.email.toUpperCase()} `;
    const answer = await register(world, world.ida, spelled);
    expectThat(answer.status === 202 && answer.text === world.noted('registered'), 'The answer is the same, byte for byte', answer.text);
    await eventually('The mail to the owner', () => latestMail(world, world.ida.email, (text) => !text.includes('/verify?token=')));
    return { asked: 'POST /v1/customers with the same address', answered: `202 ${answer.text}, and the owner gets a mail` };
  },
};

export const registerBo: Step = {
  name: 'register-bo',
  title: 'Bo registers too, at Fjord only',
  play: async (world) => {
    const answer = await register(world, world.bo);
    expectThat(answer.status === 202, 'The registration is accepted', answer.text);
    await verify(world, world.bo);
    return { asked: 'POST /v1/customers, then the link of the mail', answered: `202 ${answer.text}` };
  },
};

export const registerOnceMore: Step = {
  name: 'free-again',
  title: 'The address is free: Ida could come back as somebody new',
  play: async (world) => {
    const answer = await register(world, world.ida);
    expectThat(answer.status === 202, 'The registration is accepted', answer.text);
    await verify(world, world.ida);
    return { asked: 'POST /v1/customers with the erased address, and the link of the new mail', answered: `202 ${answer.text}, verified` };
  },
};
