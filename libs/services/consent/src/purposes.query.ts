import { Inject } from '@nestjs/common';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { type Language, Notice, Purpose, Purposes } from '@kendt/contracts';
import { Refusal } from '@kendt/kernel';
import { Directory, type ListedPurpose } from '@kendt/nest';
import { purposeNotFound } from './consent.command.js';

export class GetPurposesQuery extends Query<Purposes> {
  constructor(readonly brandId?: string) {
    super();
  }
}

export class GetNoticeQuery extends Query<Notice> {
  constructor(
    readonly purposeId: string,
    readonly version: number,
    readonly language: Language,
  ) {
    super();
  }
}

@QueryHandler(GetPurposesQuery)
export class GetPurposesHandler implements IQueryHandler<GetPurposesQuery> {
  constructor(@Inject(Directory) private readonly directory: Directory) {}

  async execute({ brandId }: GetPurposesQuery): Promise<Purposes> {
    if (brandId !== undefined && !this.directory.brand(brandId)) throw new Refusal('BRAND_NOT_FOUND', 'No such brand', 'not-found');
    // A purpose whose text is not published yet cannot be asked about.
    return { purposes: this.directory.purposes(brandId).filter(({ currentNotice }) => currentNotice > 0).map(toPurpose) };
  }
}

/** Also of purposes that are no longer offered: somebody has agreed to these words. */
@QueryHandler(GetNoticeQuery)
export class GetNoticeHandler implements IQueryHandler<GetNoticeQuery> {
  constructor(@Inject(Directory) private readonly directory: Directory) {}

  async execute({ purposeId, version, language }: GetNoticeQuery): Promise<Notice> {
    const purpose = this.directory.purpose(purposeId);
    if (!purpose) throw purposeNotFound();
    const notice = purpose.notices.find((each) => each.version === version);
    if (!notice) throw new Refusal('NOTICE_NOT_FOUND', 'There is no such version of this notice', 'not-found');
    const title = purpose.definition.title[language];
    return Notice.parse({ purposeId, version, language, title, text: notice.texts[language], publishedAt: notice.publishedAt });
  }
}

const toPurpose = ({ id, definition, currentNotice }: ListedPurpose): Purpose =>
  Purpose.parse({ purposeId: id, title: definition.title, basis: definition.basis, brandIds: definition.brands, currentNoticeVersion: currentNotice });
