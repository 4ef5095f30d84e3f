import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type Clock, type ParkedEvent, parkedView, timestamp, type View, type Views } from '@kendt/eventsourcing';
import { CLOCK, VIEWS } from '@kendt/nest';
import { lastMailGivenUpAt } from './deadlines.js';

export const mailsName = 'erasure-mails';

/** The last mail needs the address, so it goes before the keys. A mail server that is down may hold them up, but not for long. */
@Injectable()
export class LastMails implements OnModuleInit {
  #parked: View<ParkedEvent> | undefined;

  constructor(
    @Inject(VIEWS) private readonly views: Views,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#parked = await this.views.open<ParkedEvent>(parkedView);
  }

  /** True while a mail of this case waits for another try, for a day at most. */
  async holdsUp(caseId: string, confirmedAt: string): Promise<boolean> {
    if (timestamp(this.clock) > lastMailGivenUpAt(confirmedAt)) return false;
    const waiting = await this.#parked?.find('follower', mailsName, { limit: 1000 });
    return waiting?.documents.some(({ value }) => value.key === caseId) ?? false;
  }
}
