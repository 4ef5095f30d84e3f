const everyMs = 60_000;

/** What is looked after once a minute: one turn at a time, and none rejects. What failed is tried again a minute later. */
export class EveryMinute {
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: () => Promise<void>,
    private readonly report: (error: unknown) => void,
  ) {}

  begin(): void {
    this.#timer = setInterval(() => void this.now(), everyMs).unref();
  }

  /** After the turn that is under way. */
  now(): Promise<void> {
    return (this.#turn = this.#turn.then(this.work).catch(this.report));
  }

  /** Once the turn that is under way has ended. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turn;
  }
}
