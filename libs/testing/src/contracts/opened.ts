import { afterEach, beforeEach } from '@jest/globals';

/** One fresh, empty port, for one test. */
export interface Opened<Port> {
  readonly port: Port;
  /** Closes it and opens what was kept, as after a restart. */
  readonly reopen?: () => Promise<Port>;
  /** Opens the same data a second time, as another process does. */
  readonly another?: () => Promise<Port>;
  /** Closes all of them and removes what they left. */
  readonly close: () => Promise<void>;
}

export type Open<Port> = () => Promise<Opened<Port>>;

export interface ContractOptions {
  /** Told beforehand, because the clauses about restarts and other processes are written down before anything is opened. */
  readonly durable?: boolean;
  /** A broker keeps the messages in files of its own, and removes what is overwritten or too old when it comes to it. Members take a while to agree. */
  readonly brokerFiles?: boolean;
  /** Of one topic, messages of different keys are handed over side by side. */
  readonly sideBySide?: boolean;
}

export interface Subject<Port> {
  readonly port: Port;
  reopen(): Promise<Port>;
  another(): Promise<Port>;
}

/** Opens before each test and closes after it; the parts are there only inside a test. */
export const subjectOf = <Port>(open: Open<Port>): Subject<Port> => {
  let opened: Opened<Port> | undefined;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });
  const there = (): Opened<Port> => opened ?? fail('opened only inside a test');
  return {
    get port() {
      return there().port;
    },
    reopen: () => there().reopen?.() ?? fail('a durable port must come with reopen'),
    another: () => there().another?.() ?? fail('a durable port must come with another'),
  };
};

const fail = (message: string): never => {
  throw new Error(message);
};

/** Waits until something holds; the last failure is the test's. */
export const eventually = async (holds: () => boolean | Promise<boolean>, what: string, ms = 15_000): Promise<void> => {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** What a promise rejects with; a test fails when it does not. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => fail('expected a rejection'),
    (error: unknown) => error,
  );
