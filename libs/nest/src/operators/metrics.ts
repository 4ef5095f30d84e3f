import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { metricCatalogue, type MetricEntry, type MetricLabel, type MetricOf } from './metric-catalogue.js';

type Labels = Readonly<Partial<Record<MetricLabel, string>>>;
export type Reading = readonly { readonly labels: Labels; readonly value: number }[];
type Values = number | Reading;

const seconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** One registry per app, so that several apps in one process (tests) never share numbers. */
export class Metrics {
  readonly registry = new Registry();
  readonly #histograms = new Map<string, Histogram>();
  readonly #counters = new Map<string, Counter>();

  /** @param freshMs for how long what a scrape has read from a store is good enough for the next ones */
  constructor(readonly freshMs = 5000) {}

  /** How long something took, in seconds. */
  observe(name: MetricOf<'histogram'>, labels: Labels, duration: number): void {
    const histogram = this.#histograms.get(name) ?? new Histogram({ ...this.#definition(name), buckets: seconds });
    this.#histograms.set(name, histogram);
    histogram.observe(labels, duration);
  }

  add(name: MetricOf<'counter'>, labels: Labels = {}, value = 1): void {
    const counter = this.#counters.get(name) ?? new Counter(this.#definition(name));
    this.#counters.set(name, counter);
    counter.inc(labels, value);
  }

  /** A number that is read when somebody asks. */
  gauge(name: MetricOf<'gauge'>, read: () => Values | Promise<Values>): void {
    const gauge: Gauge = new Gauge({
      ...this.#definition(name),
      collect: async () => {
        const values = await read();
        gauge.reset();
        if (typeof values === 'number') gauge.set(values);
        else for (const { labels, value } of values) gauge.set(labels, value);
      },
    });
  }

  /** A count that is kept elsewhere and read when somebody asks. */
  count(name: MetricOf<'counter'>, read: () => Values): void {
    const counter: Counter = new Counter({
      ...this.#definition(name),
      collect: () => {
        const values = read();
        counter.reset();
        if (typeof values === 'number') counter.inc(values);
        else for (const { labels, value } of values) counter.inc(labels, value);
      },
    });
  }

  /** For what is read from a store: not more often than every few seconds, however many ask. What fails is not kept. */
  fresh<T>(read: () => Promise<T>): () => Promise<T> {
    let last: { readonly at: number; readonly value: Promise<T> } | undefined;
    return () => {
      if (last && performance.now() - last.at < this.freshMs) return last.value;
      const value = read();
      last = { at: performance.now(), value };
      value.catch(() => (last = undefined));
      return value;
    };
  }

  #definition(name: keyof typeof metricCatalogue) {
    const { meaning, labels }: MetricEntry = metricCatalogue[name];
    return { name, help: meaning.replaceAll('`', ''), labelNames: [...labels], registers: [this.registry] };
  }
}
