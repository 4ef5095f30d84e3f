import { callGrpc } from '../grpc.js';
import { ask } from '../rest.js';
import { fjordShop } from '../shop.js';
import { expectThat, type Step } from '../step.js';
import { idasBrowser } from './signing-in.js';

export const findAtTill: Step = {
  name: 'till',
  title: 'At the till a cashier finds her by e-mail',
  play: async (world) => {
    const token = await world.token('fjord-till', 'customers:find customers:read');
    const request = { email: world.ida.email, reason: 'till', staffId: 'kai' };
    const { code, message } = await callGrpc(world.place.grpcUrl, 'kendt.profile.v1', 'Find', request, token);
    expectThat(code === 'OK' && message['customerId'] === world.noted('ida'), 'She is found', { code, message: message['details'] });
    return { asked: 'gRPC kendt.profile.v1.Profile/Find by e-mail', answered: 'OK, the customer as Fjord may see her' };
  },
};

export const seeWhoLooked: Step = {
  name: 'who-looked',
  title: 'She reads who has looked',
  play: async (world) => {
    const { accessToken } = await fjordShop(world).signIn(idasBrowser(world), world.ida);
    const answer = await ask(world.place.url, 'GET', '/v1/customers/me/accesses', { token: accessToken });
    const [look] = (answer.body['accesses'] ?? []) as Record<string, string>[];
    expectThat(answer.status === 200 && look?.['clientId'] === 'fjord-till' && look['staffId'] === 'kai' && look['reason'] === 'till', 'The look is there', answer.text);
    return { asked: 'GET /v1/customers/me/accesses with her own token', answered: `${look?.['at']}: ${look?.['clientId']}, ${look?.['staffId']}, because: ${look?.['reason']}` };
  },
};

export const strangerAtLund: Step = {
  name: 'other-brand',
  title: 'Lund asks for Bo, who is only Fjord’s',
  play: async (world) => {
    const till = await world.token('fjord-till', 'customers:find customers:read');
    const found = await callGrpc(world.place.grpcUrl, 'kendt.profile.v1', 'Find', { email: world.bo.email, reason: 'till' }, till);
    const bo = String(found.message['customerId']);
    world.note('bo', bo);
    const token = await world.token('lund-web', 'customers:read');
    const known = await ask(world.place.url, 'GET', `/v1/customers/${bo}`, { token });
    const nobody = await ask(world.place.url, 'GET', '/v1/customers/00000000-0000-4000-8000-000000000000', { token });
    const [one, other] = [known, nobody].map(({ body: { instance: _trace, ...rest } }) => JSON.stringify(rest));
    expectThat(known.status === 404 && one === other, 'The answer is that of an id that does not exist', `${known.status} ${known.text} / ${nobody.text}`);
    return { asked: 'GET /v1/customers/{Bo} as Lund, and of an id that does not exist', answered: `404 both, the same but for the trace: ${one}` };
  },
};
