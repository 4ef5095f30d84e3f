import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { FieldError } from '@kendt/contracts';
import { type Clock, type Document, openOnce, type View, ViewConflict, type Views } from '@kendt/eventsourcing';
import type { Secrets } from '../config/secrets.js';
import { Problem } from '../problems/problem.js';
import { CLOCK, SECRETS, VIEWS } from '../tokens.js';
import { isGone, thisProcess, type Worker } from './worker.js';

/** What was answered, once and for all. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly position?: string | undefined;
  readonly problem?: { readonly code: string; readonly detail?: string | undefined; readonly errors?: readonly FieldError[]; readonly headers?: Readonly<Record<string, string>> };
}

interface Kept {
  readonly fingerprint: string;
  readonly startedAt: string;
  /** Absent in what an earlier version kept. */
  readonly startedBy?: Worker;
  /** Sealed with the caller's own key, which is kept nowhere: an answer may hold personal data. */
  readonly sealed?: string;
}

/** `release` where there is no answer to keep, or it could not be kept. */
export type Claim = { readonly answer: Answer } | { keep(answer: Answer): Promise<void>; release(): Promise<void> };

const keptFor = 24 * 3600 * 1000;
const abandonedAfter = 30_000;
const freedAgainAfter = 500;

/** Revisions of the claims that this process works on now. What else it has claimed has failed, and nobody could be told so. */
const inWork = new Set<string>();

/** Answers by idempotency key. Neither keys, requests nor answers can be read from what is stored. */
@Injectable()
export class Answers {
  #madeSecret: KeyObject | undefined;
  readonly #view: () => Promise<View<Kept>>;

  constructor(
    @Inject(VIEWS) views: Views,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECRETS) private readonly secrets: Pick<Secrets, 'answersKey'>,
  ) {
    this.#view = openOnce(views, { name: 'idempotency@1' });
  }

  /** Made with the first answer: a service without commands is not given it. */
  get #secret(): KeyObject {
    return (this.#madeSecret ??= createSecretKey(createHmac('sha256', this.secrets.answersKey).update('idempotency').digest())); // bare bytes cost Node two exceptions a call
  }

  /**
   * The answer that was given, or the right to give one.
   * @throws Problem IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
   */
  async claim(key: readonly string[], request: string): Promise<Claim> {
    const view = await this.#view();
    const id = this.#hmac('id', ...key);
    const fingerprint = this.#hmac('request', request);
    const found = await view.get(id);
    if (found && found.value.fingerprint !== fingerprint) throw new Problem(422, 'IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key came with another request before');
    if (found?.value.sealed) return { answer: open(found.value.sealed, this.#sealingKey(key)) };
    if (found && !this.#abandoned(found)) throw inProgress();
    return this.#take(view, id, { fingerprint, startedAt: this.clock().toISOString(), startedBy: thisProcess }, found?.revision ?? null, this.#sealingKey(key));
  }

  async #take(view: View<Kept>, id: string, kept: Kept, replaces: string | null, key: KeyObject): Promise<Claim> {
    const revision = randomBytes(8).toString('hex');
    const expiresAt = new Date(this.clock().getTime() + keptFor);
    const release = (): Promise<void> => this.#release(view, id, revision, Date.parse(kept.startedAt) + abandonedAfter);
    inWork.add(revision);
    try {
      await view.put(id, kept, { replaces, revision, expiresAt });
    } catch (error) {
      void release(); // it may have been written although the store did not say so
      throw error instanceof ViewConflict ? inProgress() : error;
    }
    return {
      keep: async (answer) => {
        await unlessTakenOver(view.put(id, { ...kept, sealed: seal(answer, key) }, { replaces: revision, expiresAt }));
        inWork.delete(revision);
      },
      release,
    };
  }

  /** Unless somebody has taken over. While the store is away it is tried again, until others may take over anyway. */
  async #release(view: View<Kept>, id: string, revision: string, until: number): Promise<void> {
    inWork.delete(revision);
    const tried = (): Promise<boolean> => view.write([{ id, value: undefined, revision, replaces: revision }]).then(() => true, () => false);
    if (await tried()) return;
    void (async () => {
      do await sleep(freedAgainAfter, undefined, { ref: false });
      while (!(await tried()) && this.clock().getTime() < until);
    })();
  }

  /** Who worked on it died or failed: taking over is safe, because the same command id appends nothing twice. */
  #abandoned({ revision, value: { startedAt, startedBy } }: Document<Kept>): boolean {
    const failed = startedBy?.run === thisProcess.run && !inWork.has(revision);
    return failed || (startedBy && isGone(startedBy)) || this.clock().getTime() - Date.parse(startedAt) > abandonedAfter;
  }

  #sealingKey(key: readonly string[]): KeyObject {
    return createSecretKey(this.#hmac('seal', ...key), 'hex');
  }

  #hmac(...parts: readonly string[]): string {
    return createHmac('sha256', this.#secret).update(JSON.stringify(parts)).digest('hex');
  }
}

const inProgress = (): Problem => new Problem(409, 'IDEMPOTENCY_IN_PROGRESS', 'The same request is being worked on', { headers: { 'retry-after': '1' } });

const unlessTakenOver = (put: Promise<void>): Promise<void> =>
  put.catch((error: unknown) => {
    if (!(error instanceof ViewConflict)) throw error;
  });

const seal = (answer: Answer, key: KeyObject): string => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64');
};

const open = (sealed: string, key: KeyObject): Answer => {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 }).setAuthTag(bytes.subarray(12, 28));
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')) as Answer;
};
