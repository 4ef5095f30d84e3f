import { ask } from '../rest.js';
import { expectThat, type Step } from '../step.js';
import type { World } from '../world.js';

interface Standing {
  readonly purposeId: string;
  readonly state: string;
  readonly noticeVersion?: number;
}

const consentsOf = async (world: World, at = ''): Promise<readonly Standing[]> => {
  const path = `/v1/customers/${world.noted('ida')}/consents${at && `?at=${encodeURIComponent(at)}`}`;
  const answer = await ask(world.place.url, 'GET', path, { token: await world.token('fjord-web', 'consents:read') });
  expectThat(answer.status === 200, 'The consents are given', answer.text);
  return answer.body['consents'] as Standing[];
};

const stateOf = (all: readonly Standing[], purposeId: string): string => all.find((consent) => consent.purposeId === purposeId)?.state ?? 'none';

const put = async (world: World, purposeId: string, body: object) =>
  ask(world.place.url, 'PUT', `/v1/customers/${world.noted('ida')}/consents/${purposeId}`, { token: await world.token('fjord-web', 'consents:write'), body });

export const readConsents: Step = {
  name: 'consents',
  title: 'Fjord reads what she has agreed to',
  play: async (world) => {
    const all = await consentsOf(world);
    expectThat(stateOf(all, 'personal-offers') === 'granted' && stateOf(all, 'product-research') === 'refused', 'The three answers stand', all);
    return { asked: 'GET /v1/customers/{id}/consents', answered: all.map(({ purposeId, state }) => `${purposeId}: ${state}`).join(', ') };
  },
};

export const outdatedNotice: Step = {
  name: 'outdated-notice',
  title: 'A yes to a text that was replaced is refused',
  play: async (world) => {
    const answer = await put(world, 'personal-offers', { answer: 'granted', noticeVersion: 1, language: 'da' });
    expectThat(answer.status === 409 && answer.body['code'] === 'CONSENT_NOTICE_OUTDATED', 'It is refused', answer.text);
    return { asked: 'PUT …/consents/personal-offers on notice 1 of 2', answered: `409 ${String(answer.body['code'])}` };
  },
};

export const changeMind: Step = {
  name: 'consent-receipt',
  title: 'She changes her mind about product research and gets a receipt; the past stays as it was',
  play: async (world) => {
    const before = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const answer = await put(world, 'product-research', { answer: 'granted', noticeVersion: 1, language: 'da' });
    expectThat(answer.status === 200, 'The answer is taken', answer.text);
    const receipt = (answer.body['receipt_metadata'] as Record<string, string> | undefined)?.['receipt_id'];
    expectThat(typeof receipt === 'string', 'There is a receipt', answer.text);
    expectThat(stateOf(await consentsOf(world), 'product-research') === 'granted', 'Today it is a yes');
    expectThat(stateOf(await consentsOf(world, before), 'product-research') === 'refused', 'A moment ago it was a no');
    return { asked: 'PUT …/consents/product-research, then GET ?at=<before>', answered: `200 receipt ${receipt}; now granted, before refused` };
  },
};
