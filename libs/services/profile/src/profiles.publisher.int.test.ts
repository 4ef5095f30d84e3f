import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fromMessage, isTombstone, profileMessages, topics } from '@kendt/contracts';
import { customer, customerStream } from '@kendt/domain';
import { follow, MemoryViews, type TopicMessage } from '@kendt/eventsourcing';
import { Followers } from '@kendt/nest';
import { bo, ida, type ProfileTest, startProfile } from './profile.examples.js';
import { profilesPublisher, publishProfiles } from './profiles.publisher.js';

describe('publish-profiles', () => {
  let service: ProfileTest;
  beforeEach(async () => (service = await startProfile()));
  afterEach(() => service.close());

  const published = async (position: string): Promise<void> => expect(await service.app.get(Followers).waitFor(profilesPublisher, position)).toBe(true);
  /** What a new reader of the compacted topic finds of a customer. */
  const latest = async (brandId: string, customerId = ida): Promise<TopicMessage | undefined> => {
    const reader = `reader-${Math.random()}`;
    const found: TopicMessage[] = [];
    const handle = async (message: TopicMessage): Promise<void> => void found.push(message);
    await service.ports.topics.consume({ topics: [topics.profiles(brandId)], group: reader, handle, signal: AbortSignal.timeout(50) });
    return found.findLast(({ key }) => key === customerId);
  };
  const profile = async (brandId: string, customerId = ida) => fromMessage((await latest(brandId, customerId))!, profileMessages);

  it('tells each brand what it may see, with its own consents only', async () => {
    await service.group.join(ida, 'lund');
    await service.group.grant(ida, 'newsletter', 1, 'fjord');
    const { position } = await service.group.grant(ida, 'personal-offers', 2, 'lund');
    await published(position);
    const [ofFjord, ofLund] = [await profile('fjord'), await profile('lund')];
    expect(ofFjord.data).toMatchObject({ customerId: ida, brandId: 'fjord', email: 'ida.holm@example.org', name: { given: 'Ida', family: 'Holm' }, consents: [{ purposeId: 'newsletter', state: 'granted', noticeVersion: 1 }] });
    expect(ofLund).toMatchObject({ source: 'urn:kendt:profile:lund', subject: ida, sequence: position, data: { brandId: 'lund', consents: [{ purposeId: 'personal-offers', state: 'granted' }] } });
    expect(ofFjord.sequence! < position).toBe(true); // an answer to lund is not told to fjord
  });

  it('follows changes and withdrawals', async () => {
    await service.group.grant(ida, 'newsletter');
    await service.group.act(customer, customerStream(ida), { type: 'ChangeContact', data: { contact: { email: 'ida@example.org' }, language: 'en' } });
    const { position } = await service.group.withdraw(ida, 'newsletter');
    await published(position);
    const { data } = await profile('fjord');
    expect(data).toMatchObject({ email: 'ida@example.org', language: 'en', consents: [{ state: 'withdrawn' }] });
    expect(data).not.toHaveProperty('phone');
  });

  it('leaves a tombstone with the brand that is left, and nothing changes for the other', async () => {
    await service.group.join(ida, 'lund');
    const { position } = await service.group.leave(ida, 'lund');
    await published(position);
    expect(isTombstone((await latest('lund'))!)).toBe(true);
    expect((await profile('fjord')).data.email).toBe('ida.holm@example.org');
  });

  it('says who is suspended, and no longer once reinstated', async () => {
    await published((await service.group.suspend(ida)).position);
    expect((await profile('fjord')).data).toMatchObject({ email: 'ida.holm@example.org', suspended: true });
    await published((await service.group.reinstate(ida)).position);
    expect((await profile('fjord')).data).not.toHaveProperty('suspended');
  });

  it('keeps who is frozen, and leaves tombstones with every brand ever joined once erased', async () => {
    await service.group.join(ida, 'lund');
    await service.group.leave(ida, 'lund');
    await published((await service.group.freeze(ida)).position);
    expect((await profile('fjord')).data.email).toBe('ida.holm@example.org');
    await service.ports.keys.destroy(ida, 'contact');
    const { position } = await service.group.erase(ida);
    await published(position);
    for (const brandId of ['fjord', 'lund']) {
      const message = await latest(brandId);
      expect([message?.value, message?.headers['ce_sequence']]).toEqual([null, position]);
    }
  });

  it('brings nobody back when history is published again', async () => {
    await service.group.register(bo, { contact: { email: 'bo@example.org' } });
    await published((await service.group.erase(bo)).position);
    const sent: (Uint8Array | null)[] = [];
    const out = { ensure: async () => undefined, publish: async (messages: readonly { key: string; value: Uint8Array | null }[]) => void sent.push(...messages.filter(({ key }) => key === bo).map(({ value }) => value)) };
    const again = follow({ store: service.store, views: new MemoryViews() }, publishProfiles({ store: service.store, topics: out }));
    while (!again.caughtUp) await new Promise((resolve) => setTimeout(resolve, 5));
    await again.stop();
    expect(sent).toEqual([null, null, null]); // registered, frozen, erased: gone each time
  });
});
