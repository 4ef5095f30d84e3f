import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type ErasureEvent, erasureStream } from '@kendt/domain';
import { type Clock, type EventStore, type ParkedEvent, parkedView, readAll, timestamp, type View, type Views } from '@kendt/eventsourcing';
import { CLOCK, EVENT_STORE, Followers, VIEWS } from '@kendt/nest';
import { lastMailGivenUpAt } from './deadlines.js';

export const mailsName = 'erasure-mails';

/** The last mail needs the address, so it goes before the keys. A mail server that is down may hold them up, but not for long. */
@Injectable()
export class LastMails implements OnModuleInit {
  #parked: View<ParkedEvent> | undefined;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(VIEWS) private readonly views: Views,
    @Inject(Followers) private readonly followers: Followers,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#parked = await this.views.open<ParkedEvent>(parkedView);
  }

  /** True until the last mail of this case has been tried, and while it waits for another try; for a day at most. */
  async holdsUp(caseId: string, confirmedAt: string): Promise<boolean> {
    if (timestamp(this.clock) > lastMailGivenUpAt(confirmedAt)) return false;
    if (!(await this.#tried(caseId))) return true;
    const waiting = await this.#parked?.find('follower', mailsName, { limit: 1000 });
    return waiting?.documents.some(({ value }) => value.key === caseId) ?? false;
  }

  /** Sent or parked. In between, while it is tried again within the same second, nothing but the follower's position tells. */
  async #tried(caseId: string): Promise<boolean> {
    const confirmed: ErasureEvent['type'] = 'RequesterConfirmed';
    const event = (await readAll(this.store, erasureStream(caseId))).find(({ type }) => type === confirmed);
    return event === undefined || this.followers.waitFor(mailsName, event.position, 0);
  }
}
