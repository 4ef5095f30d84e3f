import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { topics } from '@kendt/contracts';
import { Followers } from '@kendt/nest';
import { memoryPorts } from '@kendt/nest/testing';
import { ida, type ProfileTest, startProfile } from './profile.examples.js';
import { profilesPublisher } from './profiles.publisher.js';
import { SecondTombstones } from './second-tombstones.js';

const minute = 60_000;

describe('the second tombstone', () => {
  let service: ProfileTest;
  let sent: string[];
  let now: number;
  beforeEach(async () => {
    now = Date.now();
    const ports = memoryPorts();
    const publish = ports.topics.publish.bind(ports.topics);
    sent = [];
    ports.topics.publish = async (messages) => {
      await publish(messages);
      sent.push(...messages.filter(({ value }) => value === null).map(({ topic, headers }) => `${topic} ${headers['ce_id']}`));
    };
    service = await startProfile(ports, () => new Date(now));
    await service.group.join(ida, 'lund');
  });
  afterEach(() => service.close());

  const published = async ({ position }: { position: string }): Promise<void> => expect(await service.app.get(Followers).waitFor(profilesPublisher, position, 5000)).toBe(true);
  const after = (minutes: number): Promise<void> => {
    now += minutes * minute;
    return service.app.get(SecondTombstones).sweep();
  };

  it('follows once, when the broker’s file is due to be closed, as the same message', async () => {
    await published(await service.group.leave(ida, 'lund'));
    await after(29);
    expect(sent).toEqual([expect.stringMatching(topics.profiles('lund'))]);
    await after(2);
    await after(60);
    expect(sent).toEqual([sent[0], sent[0]]);
  });

  it('is not sent to a brand that has been joined again', async () => {
    await published(await service.group.leave(ida, 'lund'));
    await published(await service.group.join(ida, 'lund'));
    await after(31);
    expect(sent).toHaveLength(1);
    await published(await service.group.leave(ida, 'lund'));
    await after(31);
    expect(sent).toHaveLength(3);
  });

  it('goes to every brand of somebody who was erased', async () => {
    await published(await service.group.erase(ida));
    await after(31);
    expect(sent.slice(2).sort()).toEqual(sent.slice(0, 2).sort());
    expect(sent).toHaveLength(4);
  });
});
