import { describe, expect, it } from '@jest/globals';
import { configFiles, crossCheck, type Installation } from './config-files.schema.js';
import { fieldErrors } from './problem.schema.js';
import { ownerOf, topicContracts, topics } from './topics.js';

const both = (text: string) => ({ da: text, en: text });
const fjord = { id: 'fjord', name: 'Fjord Møbler', look: 'fjord', contact: 'https://fjord.example/privacy' };
const web = {
  id: 'fjord-web',
  name: 'Web shop',
  brand: 'fjord',
  channel: 'web',
  grants: ['authorization_code'],
  scopes: ['openid'],
  redirectUris: ['http://127.0.0.1:3100/callback'],
};
const newsletter = { id: 'newsletter', title: both('News'), basis: 'consent', brands: ['fjord'], notices: [{ version: 1, texts: both('We write to you') }] };
const erp = {
  id: 'erp',
  name: 'ERP',
  brands: ['fjord'],
  holds: [{ what: 'invoice', basis: 'legal-obligation', retention: { law: 'bogføringsloven § 12', keepFor: 'P5Y', from: 'financial-year-end', financialYearEnd: '12-31' } }],
};

const mistakes = (file: keyof typeof configFiles, content: unknown) =>
  fieldErrors(configFiles[file].safeParse(content).error?.issues ?? []).map(({ pointer }) => pointer);

describe('a configuration file', () => {
  it('is taken when it is right', () => {
    expect(mistakes('brands.yaml', { group: { name: 'Nordhus' }, brands: [fjord] })).toEqual([]);
    expect(mistakes('clients.yaml', { clients: [web] })).toEqual([]);
    expect(mistakes('purposes.yaml', { purposes: [newsletter] })).toEqual([]);
    expect(mistakes('systems.yaml', { systems: [erp] })).toEqual([]);
  });

  it.each([
    ['two brands of one id', 'brands.yaml', { group: { name: 'N' }, brands: [fjord, fjord] }, '/brands/1/id'],
    ['a secret in the open', 'clients.yaml', { clients: [{ ...web, secret: 'hunter2' }] }, '/clients/0/secret'],
    ['a redirect without TLS', 'clients.yaml', { clients: [{ ...web, redirectUris: ['http://shop.example/cb'] }] }, '/clients/0/redirectUris/0'],
    ['a host that only looks like the loopback', 'clients.yaml', { clients: [{ ...web, redirectUris: ['http://localhost.evil.example/cb'] }] }, '/clients/0/redirectUris/0'],
    ['a redirect to a script', 'clients.yaml', { clients: [{ ...web, redirectUris: ['javascript:alert(1)'] }] }, '/clients/0/redirectUris/0'],
    ['a login without a way back', 'clients.yaml', { clients: [{ ...web, redirectUris: [] }] }, '/clients/0/redirectUris'],
    ['a scope that is not known', 'clients.yaml', { clients: [{ ...web, scopes: ['everything'] }] }, '/clients/0/scopes/0'],
    ['a notice left out', 'purposes.yaml', { purposes: [{ ...newsletter, notices: [{ version: 2, texts: both('x') }] }] }, '/purposes/0/notices'],
    ['a notice in one language', 'purposes.yaml', { purposes: [{ ...newsletter, notices: [{ version: 1, texts: { da: 'x' } }] }] }, '/purposes/0/notices/0/texts/en'],
    ['a field that is not known', 'systems.yaml', { systems: [{ ...erp, colour: 'red' }] }, '/systems/0/colour'],
  ] as const)('with %s is refused', (_, file, content, pointer) => {
    expect(new Set(mistakes(file, content))).toEqual(new Set([pointer]));
  });

  it('may name only brands that are there', () => {
    const installation = { group: { name: 'N' }, brands: [], clients: [web], purposes: [newsletter], systems: [erp], identityProviders: [] };
    expect(crossCheck(installation as unknown as Installation).map(({ file, pointer }) => file + pointer)).toEqual([
      'clients.yaml/clients/0/brand',
      'purposes.yaml/purposes/0/brands/0',
      'systems.yaml/systems/0/brands/0',
    ]);
    expect(crossCheck({ ...installation, brands: [fjord] } as unknown as Installation)).toEqual([]);
  });
});

describe('the topics', () => {
  it('have an owner that their name tells', () => {
    expect(ownerOf(topics.erasureReceipts('erp'))).toBe('erp');
    expect(ownerOf(topics.profiles('fjord'))).toBe('fjord');
    expect(ownerOf(topics.consents)).toBeUndefined();
    expect(ownerOf('kendt.purchases.erp.v1.profile.dlq')).toBeUndefined();
  });

  it('may be written by one party each', () => {
    const contracts = topicContracts({ brands: ['fjord', 'lund'], systems: ['crm', 'erp'] });
    expect(contracts).toHaveLength(3 + 2 + 8);
    const compacted = [topics.profiles('fjord'), topics.profiles('lund'), topics.connectors('crm'), topics.connectors('erp')];
    expect(contracts.filter(({ cleanup }) => cleanup === 'compact').map(({ name }) => name)).toEqual(compacted);
    expect(contracts.find(({ name }) => name === topics.holdings('crm'))?.writer).toBe('crm');
  });
});
