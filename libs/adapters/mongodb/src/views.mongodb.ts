import type { Clock, View, ViewDefinition, Views } from '@kendt/eventsourcing';
import { journaled, MongoStore, type OpenMongo } from './connection.js';
import { type Collection, collectionOf, modelOf, viewOf } from './document.js';
import { MongoView } from './view.mongodb.js';

const setting = 'VIEWS_URL';
const dropAtOnce = 500;

export interface OpenMongoViews extends OpenMongo {
  readonly clock?: Clock;
}

/** Views in one database of MongoDB, a collection each. */
export class MongoViews implements Views {
  readonly #opened = new Map<string, Promise<unknown>>();

  private constructor(
    private readonly store: MongoStore,
    private readonly clock: Clock,
  ) {}

  /** @throws Error with one sentence for the operator; Refusal `STORE_AWAY` when the server does not answer. */
  static async open({ clock = () => new Date(), ...options }: OpenMongoViews): Promise<MongoViews> {
    const store = await MongoStore.open(options, { setting, what: 'store of views' });
    return new MongoViews(store, clock);
  }

  /** Makes the collection and its indexes where they are missing. */
  async open<T extends object>(definition: ViewDefinition<T>): Promise<View<T>> {
    const { name, indexes = {}, personal } = definition;
    if (personal) throw new Error(`The documents of ${name} are personal: MongoDB keeps what was deleted, so they must come sealed`);
    const model = modelOf(this.store.connection, definition);
    const wanted = `${name} ${Object.keys(indexes).sort().join()}`;
    const making = this.#opened.get(wanted) ?? this.store.call(() => model.createIndexes());
    this.#opened.set(wanted, making);
    await making.catch((error: unknown) => {
      this.#opened.delete(wanted); // tried again by whoever opens it next
      throw error;
    });
    return new MongoView(definition, this.store, this.#collection(model.collection.name), this.clock);
  }

  async names(): Promise<readonly string[]> {
    const collections = await this.store.collections();
    const named = await Promise.all(collections.map(async (name) => {
      const view = viewOf(name);
      return view !== undefined && (await this.store.call(() => this.#collection(name).findOne({}, { projection: { _id: 1 } }))) ? [view] : [];
    }));
    return named.flat().sort();
  }

  /** The collection stays, empty: another process may have the view open, and goes on finding its indexes. */
  async drop(name: string): Promise<void> {
    const collection = this.#collection(collectionOf(name));
    for (;;) {
      const some = await this.store.call(() => collection.find({}, { projection: { _id: 1 }, limit: dropAtOnce }).toArray());
      if (some.length === 0) return;
      await this.store.call(() => collection.deleteMany({ _id: { $in: some.map(({ _id }) => _id) } }, { writeConcern: journaled }));
    }
  }

  async close(): Promise<void> {
    await this.store.close();
  }

  #collection(name: string): Collection {
    return this.store.connection.db!.collection(name);
  }
}
