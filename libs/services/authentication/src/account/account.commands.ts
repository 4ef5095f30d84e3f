import type { Language } from '@kendt/nest';

export class AnswerOnAccount {
  constructor(
    readonly customerId: string,
    readonly brandId: string,
    readonly purposeId: string,
    readonly answer: 'granted' | 'withdrawn',
    readonly noticeVersion: number,
    readonly language: Language,
  ) {}
}

export class SignOutEverywhere {
  constructor(readonly customerId: string) {}
}

export class AskForErasure {
  constructor(
    readonly customerId: string,
    /** Stands in the form: sending it twice asks once. */
    readonly nonce: string,
  ) {}
}
