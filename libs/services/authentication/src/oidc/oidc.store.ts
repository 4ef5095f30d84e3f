import { type Clock, openOnce, type View, ViewConflict, type Views } from '@kendt/eventsourcing';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { SealedDocuments } from './sealed-documents.js';

/** What lies in a view `oidc-<model>@1`. */
interface Kept {
  readonly sealed: string;
  readonly writtenAt: string;
  /** Plain, so that everything of a customer is found when their sessions end. */
  readonly accountId?: string;
  readonly grantId?: string;
  readonly uid?: string;
  readonly userCode?: string;
  /** Of an interaction that may be found once more. */
  readonly endedAt?: string;
}

export interface FoundDocument {
  readonly id: string;
  readonly writtenAt: string;
  readonly payload: AdapterPayload;
}

/** Everything that the provider keeps has a lifetime; what comes without one gets the longest. */
const longest = 90 * 24 * 3600;

const foundAgainMs = 10_000;

const indexes = {
  accountId: (kept: Kept) => kept.accountId,
  grantId: (kept: Kept) => kept.grantId,
  uid: (kept: Kept) => kept.uid,
  userCode: (kept: Kept) => kept.userCode,
};

/** Where the OpenID provider keeps what it must remember, one view per model. Nothing of it lies in memory. */
export class OidcStore {
  readonly #opened = new Map<string, () => Promise<View<Kept>>>();

  constructor(
    private readonly views: Views,
    private readonly clock: Clock,
    private readonly documents: SealedDocuments,
  ) {}

  adapter(model: string): Adapter {
    return {
      upsert: (id, payload, expiresIn) => this.#put(model, id, payload, expiresIn ?? longest),
      find: async (id) => (await this.#get(model, id))?.payload,
      findByUid: (uid) => this.#findOne(model, 'uid', this.documents.hash('uid', uid)),
      findByUserCode: (code) => this.#findOne(model, 'userCode', this.documents.hash('userCode', code)),
      consume: (id) => this.#consume(model, id),
      destroy: (id) => (model === 'Interaction' ? this.#endInteraction(id) : this.#delete(model, id)),
      revokeByGrantId: (grantId) => this.#deleteAll(model, 'grantId', this.documents.hash('grantId', grantId), () => true),
    };
  }

  /** Deletes what the model keeps of this account, where `dead` says so. */
  async deleteOf(model: string, accountId: string, dead: (found: FoundDocument) => boolean): Promise<void> {
    await this.#deleteAll(model, 'accountId', accountId, dead);
  }

  async #put(model: string, id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const key = this.documents.hash(model, id);
    await (await this.#view(model)).put(key, this.#keep(model, key, payload), { expiresAt: new Date(this.clock().getTime() + expiresIn * 1000) });
  }

  #keep(model: string, key: string, payload: AdapterPayload): Kept {
    const { accountId, grantId, uid, userCode } = payload;
    return {
      sealed: this.documents.seal(payload, `${model} ${key}`),
      writtenAt: this.clock().toISOString(),
      ...(accountId && { accountId }),
      ...(grantId && { grantId: this.documents.hash('grantId', grantId) }),
      ...(uid && { uid: this.documents.hash('uid', uid) }),
      ...(userCode && { userCode: this.documents.hash('userCode', userCode) }),
    };
  }

  async #get(model: string, id: string): Promise<(FoundDocument & { revision: string }) | undefined> {
    const document = await (await this.#view(model)).get(this.documents.hash(model, id));
    const payload = document && this.documents.open<AdapterPayload>(document.value.sealed, `${model} ${document.id}`);
    return payload && { id: document.id, writtenAt: document.value.writtenAt, payload, revision: document.revision };
  }

  async #findOne(model: string, index: keyof typeof indexes, value: string): Promise<AdapterPayload | undefined> {
    const [document] = (await (await this.#view(model)).find(index, value, { limit: 1 })).documents;
    return document && this.documents.open<AdapterPayload>(document.value.sealed, `${model} ${document.id}`);
  }

  /** Of two that come at once with the same code or refresh token, one wins: the other is told that it was used. */
  async #consume(model: string, id: string): Promise<void> {
    const found = await this.#get(model, id);
    if (!found || found.payload['consumed']) throw new errors.InvalidGrant('already used');
    const now = Math.floor(this.clock().getTime() / 1000);
    const consumed = { ...found.payload, consumed: now };
    const expiresAt = new Date((found.payload.exp ?? now) * 1000);
    try {
      await (await this.#view(model)).put(found.id, this.#keep(model, found.id, consumed), { replaces: found.revision, expiresAt });
    } catch (cause) {
      if (!(cause instanceof ViewConflict)) throw cause;
      throw new errors.InvalidGrant('already used');
    }
  }

  async #delete(model: string, id: string): Promise<void> {
    await (await this.#view(model)).delete(this.documents.hash(model, id));
  }

  /**
   * The way back from a login is a GET that ends the interaction. Where its answer was lost, the browser or a gateway goes there again
   * with the same cookies: for a moment, and once, it finds the same as before.
   */
  async #endInteraction(id: string): Promise<void> {
    const found = await (await this.#view('Interaction')).get(this.documents.hash('Interaction', id));
    if (!found || found.value.endedAt) return this.#delete('Interaction', id);
    const now = this.clock();
    const ended = { ...found.value, endedAt: now.toISOString() };
    await (await this.#view('Interaction')).put(found.id, ended, { expiresAt: new Date(now.getTime() + foundAgainMs) });
  }

  async #deleteAll(model: string, index: keyof typeof indexes, value: string, dead: (found: FoundDocument) => boolean): Promise<void> {
    const view = await this.#view(model);
    let cursor: string | undefined;
    do {
      const { documents, next } = await view.find(index, value, { limit: 1000, ...(cursor && { cursor }) });
      for (const { id, value: kept } of documents) {
        const payload = this.documents.open<AdapterPayload>(kept.sealed, `${model} ${id}`);
        if (!payload || dead({ id, writtenAt: kept.writtenAt, payload })) await view.delete(id);
      }
      cursor = next;
    } while (cursor);
  }

  #view(model: string): Promise<View<Kept>> {
    const name = `oidc-${model.replaceAll(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase()}@1`;
    const opened = this.#opened.get(model) ?? openOnce<Kept>(this.views, { name, indexes });
    this.#opened.set(model, opened);
    return opened();
  }
}
