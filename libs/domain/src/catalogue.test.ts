import { describe, expect, it } from '@jest/globals';
import { fold } from '@kendt/kernel';
import { given } from '@kendt/testing';
import { access } from './access.js';
import { brand, type BrandEvent } from './brand.js';
import { client, type ClientCommand, type ClientDescription } from './client.js';
import { type Holding, holdings, type HoldingsEvent } from './holdings.js';
import { login } from './login.js';
import { purchases, type PurchasesCommand, type PurchasesEvent } from './purchases.js';
import { system, type SystemEvent } from './system.js';

const at = '2026-03-01T12:00:00.000Z';

describe('what a file describes', () => {
  it('appends nothing when nothing changed: brands', () => {
    const description = { name: 'Fjord Møbler', look: 'fjord', contact: 'https://fjord.example/privacy' };
    const opened: BrandEvent = { type: 'BrandOpened', data: { ...description, openedAt: at } };
    given(brand)().when({ type: 'DescribeBrand', at, data: description }).then(opened);
    given(brand)(opened).when({ type: 'DescribeBrand', at, data: description }).thenNothing();
    given(brand)(opened)
      .when({ type: 'DescribeBrand', at, data: { ...description, look: 'sand' } })
      .then({ type: 'BrandChanged', data: { ...description, look: 'sand', changedAt: at } });
  });

  it('appends nothing when nothing changed: clients, also with their fields in another order', () => {
    const { name, channel, ...rest } = till;
    const reordered: ClientCommand = { type: 'DescribeClient', at, data: { channel, ...rest, name } };
    given(client)({ type: 'ClientRegistered', data: { ...till, registeredAt: at } }).when(reordered).thenNothing();
    given(client)({ type: 'ClientRegistered', data: { ...till, registeredAt: at } }, { type: 'ClientRetired', data: { retiredAt: at } })
      .when(reordered)
      .then({ type: 'ClientChanged', data: { ...till, changedAt: at } });
  });

  it('records what a system may not say once a day for each topic and reason, and nothing of a system that was never registered', () => {
    const registered: SystemEvent = { type: 'SystemRegistered', data: { name: 'ERP', brands: ['fjord'], registeredAt: at } };
    const said = { topic: 'kendt.purchases.erp.v1', partition: 0, offset: '7', reason: 'SYSTEM_NOT_OF_TOPIC' };
    const refused: SystemEvent = { type: 'SystemMessageRefused', data: { ...said, refusedAt: at } };
    given(system)(registered).when({ type: 'RefuseMessage', at, data: said }).then(refused);
    given(system)(registered, refused).when({ type: 'RefuseMessage', at: '2026-03-01T23:59:59.000Z', data: { ...said, offset: '8' } }).thenNothing();
    given(system)(registered, refused, registered).when({ type: 'RefuseMessage', at, data: said }).thenNothing();
    for (const [day, change] of [['2026-03-02T00:00:00.000Z', {}], [at, { topic: 'kendt.holdings.erp.v1' }], [at, { reason: 'BRAND_NOT_OF_SYSTEM' }]] as const)
      given(system)(registered, refused).when({ type: 'RefuseMessage', at: day, data: { ...said, ...change } }).then({ type: 'SystemMessageRefused', data: { ...said, ...change, refusedAt: day } });
    given(system)().when({ type: 'RefuseMessage', at, data: said }).thenNothing();
  });

  it('appends nothing when nothing changed: systems', () => {
    const registered: SystemEvent = { type: 'SystemRegistered', data: { name: 'ERP', brands: ['fjord'], registeredAt: at } };
    const declarations = [{ what: 'invoice', basis: 'legal-obligation' as const }];
    given(system)(registered).when({ type: 'RegisterSystem', at, data: { name: 'ERP', brands: ['fjord'] } }).thenNothing();
    given(system)(registered).when({ type: 'DeclareData', at, data: { declarations } }).then({ type: 'DataDeclared', data: { declarations, declaredAt: at } });
    given(system)(registered, { type: 'DataDeclared', data: { declarations, declaredAt: at } }).when({ type: 'DeclareData', at, data: { declarations } }).thenNothing();
  });
});

describe('what others report', () => {
  it('records a purchase once, and none once forgotten', () => {
    given(purchases)().when(record).then(recorded);
    given(purchases)(recorded).when(record).thenNothing();
    given(purchases)(recorded).when({ type: 'ForgetPurchases', at, data: {} }).then(forgotten);
    given(purchases)(recorded, forgotten).when(record).thenRefused('CUSTOMER_ERASED');
  });

  it('records a holding until it ends', () => {
    const holding = { systemId: 'erp', record: 'inv-7', what: 'invoice', basis: 'legal-obligation', until: '2031-12-31' };
    const reported: HoldingsEvent = { type: 'HoldingReported', data: { ...holding, reportedAt: at } };
    given(holdings)().when({ type: 'ReportHolding', at, data: holding }).then(reported);
    given(holdings)(reported).when({ type: 'ReportHolding', at, data: holding }).thenNothing();
    given(holdings)(reported)
      .when({ type: 'EndHolding', at, data: { systemId: 'erp', record: 'inv-7' } })
      .then({ type: 'HoldingEnded', data: { systemId: 'erp', record: 'inv-7', endedAt: at } });
    given(holdings)().when({ type: 'EndHolding', at, data: { systemId: 'erp', record: 'inv-7' } }).thenNothing();
  });

  it('lets no older report undo a newer one, also where the record is gone', () => {
    const [monday, tuesday, wednesday] = ['2026-03-02T09:00:00.000Z', '2026-03-03T09:00:00.000Z', '2026-03-04T09:00:00.000Z'] as const;
    const [one, other] = ['2031-12-31', '2032-12-31'].map((until) => ({ systemId: 'erp', record: 'inv-7', what: 'invoice', basis: 'legal-obligation', until })) as [Holding, Holding];
    const [later, ended]: HoldingsEvent[] = [
      { type: 'HoldingReported', data: { ...other, reportedAt: tuesday } },
      { type: 'HoldingEnded', data: { systemId: 'erp', record: 'inv-7', endedAt: tuesday } },
    ];
    const end = { systemId: 'erp', record: 'inv-7' };
    given(holdings)(later!).when({ type: 'ReportHolding', at: monday, data: one }).thenNothing();
    given(holdings)(later!).when({ type: 'EndHolding', at: monday, data: end }).thenNothing();
    given(holdings)(later!, ended!).when({ type: 'ReportHolding', at: monday, data: one }).thenNothing();
    given(holdings)(later!, ended!).when({ type: 'ReportHolding', at: wednesday, data: one }).then({ type: 'HoldingReported', data: { ...one, reportedAt: wednesday } });
    given(holdings)(later!).when({ type: 'ReportHolding', at: monday, data: { ...one, record: 'inv-8' } }).then({ type: 'HoldingReported', data: { ...one, record: 'inv-8', reportedAt: monday } });
  });

  it('records every look', () => {
    const viewing = { clientId: 'fjord-till', role: 'till', reason: 'till', brandId: 'fjord', fields: ['email'] };
    given(access)().when({ type: 'RecordViewing', at, data: viewing }).then({ type: 'CustomerDataViewed', data: { ...viewing, viewedAt: at } });
  });

  it('counts wrong passwords in a row and forgets them after the right one', () => {
    const failed = { type: 'LoginFailed' as const, data: { clientId: 'fjord-web', failedAt: at } };
    expect(fold(login, [failed, failed]).failuresInRow).toBe(2);
    expect(fold(login, [failed, { type: 'LoginSucceeded', data: { clientId: 'fjord-web', method: 'password', succeededAt: at } }]).failuresInRow).toBe(0);
    given(login)(failed).when({ type: 'RevokeSessions', at, data: { reason: 'erasure' } }).then({ type: 'SessionsRevoked', data: { reason: 'erasure', revokedAt: at } });
  });
});

const till: ClientDescription = {
  brandId: 'fjord',
  name: 'Till',
  channel: 'till',
  grants: ['client_credentials'],
  scopes: ['customers:find'],
  redirectUris: [],
  postLogoutRedirectUris: [],
  secret: 'file:clients/fjord-till',
};
const purchase = { orderNumber: 'F-1001', purchasedAt: at, currency: 'DKK', total: 249900, lines: [] };
const source = { purchaseId: 'p-1', brandId: 'fjord', source: 'shop', channel: 'web' };
const record: PurchasesCommand = { type: 'RecordPurchase', at, data: { ...source, purchase } };
const recorded: PurchasesEvent = { type: 'PurchaseRecorded', data: { ...source, recordedAt: at }, personal: { purchases: purchase } };
const forgotten: PurchasesEvent = { type: 'PurchasesForgotten', data: { forgottenAt: at } };
