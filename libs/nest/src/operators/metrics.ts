import { Counter, Gauge, Histogram, Registry } from 'prom-client';

type Values = number | readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];

const seconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** One registry per app, so that several apps in one process (tests) never share numbers. */
export class Metrics {
  readonly registry = new Registry();
  readonly #http = new Histogram({
    name: 'kendt_http_request_seconds',
    help: 'Time to answer a REST request or a page',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: seconds,
    registers: [this.registry],
  });
  readonly #grpc = new Histogram({
    name: 'kendt_grpc_call_seconds',
    help: 'Time to answer a gRPC call',
    labelNames: ['method', 'code'] as const,
    buckets: seconds,
    registers: [this.registry],
  });

  httpRequest(method: string, route: string, status: number, ms: number): void {
    this.#http.observe({ method, route, status }, ms / 1000);
  }

  grpcCall(method: string, code: string, ms: number): void {
    this.#grpc.observe({ method, code }, ms / 1000);
  }

  /** A number that is read when somebody asks. The name begins with `kendt_`. */
  gauge(name: string, help: string, read: () => Values | Promise<Values>, labelNames: readonly string[] = ['name']): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect: async () => {
        const values = await read();
        gauge.reset();
        if (typeof values === 'number') gauge.set(values);
        else for (const { labels, value } of values) gauge.set(labels, value);
      },
    });
  }

  /** A count that is kept elsewhere and read when somebody asks. The name ends with `_total`. */
  count(name: string, help: string, read: () => readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[], labelNames: readonly string[] = ['name']): void {
    const counter: Counter = new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect: () => {
        counter.reset();
        for (const { labels, value } of read()) counter.inc(labels, value);
      },
    });
  }

  counter<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }
}
