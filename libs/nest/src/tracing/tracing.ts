import { type Attributes, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace as api, type Tracer } from '@opentelemetry/api';
import { callerOf, currentTrace, type Trace, traceFrom, withTrace } from '../http/trace.js';
import { toProblem } from '../problems/problem.js';

/** What is known of a span when it begins. Never what names a customer: no key, no path, nothing that was sent. */
export interface SpanWish {
  readonly name: string;
  readonly kind?: 'server' | 'producer' | 'consumer';
  /** What led to it, as it came with a request, a message or an event; what is under way in this process unless told. */
  readonly traceparent?: string | undefined;
  /** What led to it where that is more than one thing: it begins a trace of its own then, and links to each. */
  readonly links?: readonly string[];
  readonly attributes?: Attributes;
}

/** What becomes known later. */
export interface SpanNotes {
  setAttribute(name: string, value: string | number): unknown;
}

export interface OpenSpan extends SpanNotes {
  readonly trace: Trace;
  rename(name: string): void;
  failed(): void;
  end(): void;
}

/** Where spans go. */
export interface SpanCollector {
  readonly counts: { readonly sent: number; readonly lost: number };
  close(): Promise<void>;
}

const nobody: SpanCollector = { counts: { sent: 0, lost: 0 }, close: async () => undefined };

/** More of them would make a span that no backend shows. */
const mostLinks = 100;
const kinds = { server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER };

/** Spans, where somebody collects them; otherwise only the ids that logs and events carry. */
export class Tracing {
  constructor(
    private readonly tracer?: Tracer,
    private readonly collector: SpanCollector = nobody,
  ) {}

  /** Spans that a collector has taken, and those that it has not, since the start. */
  get counts(): SpanCollector['counts'] {
    return this.collector.counts;
  }

  /** For what begins and ends in different callbacks. */
  begin(wish: SpanWish): OpenSpan {
    return this.tracer ? new RecordedSpan(startSpan(this.tracer, wish)) : new NamedSpan(wish);
  }

  async inSpan<T>(wish: SpanWish, work: (span: SpanNotes) => Promise<T>): Promise<T> {
    if (!this.tracer && !('traceparent' in wish)) return work(nothing);
    const span = this.begin(wish);
    try {
      return await withTrace(span.trace, () => work(span));
    } catch (error) {
      noteError(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** Sends what is still in hand. */
  async close(): Promise<void> {
    await this.collector.close();
  }
}

const startSpan = (tracer: Tracer, { name, kind, traceparent: header, links = [], attributes = {} }: SpanWish): Span => {
  const parent = links.length > 0 ? undefined : header === undefined ? currentTrace() : callerOf(header);
  const linked = links.slice(0, mostLinks).flatMap((link) => callerOf(link) ?? []);
  const options = { ...(kind && { kind: kinds[kind] }), attributes, links: linked.map((trace) => ({ context: contextOf(trace) })) };
  return tracer.startSpan(name, options, parent ? api.setSpanContext(ROOT_CONTEXT, contextOf(parent)) : ROOT_CONTEXT);
};

const contextOf = ({ traceId, spanId, flags }: Trace) => ({ traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true });

class RecordedSpan implements OpenSpan {
  readonly trace: Trace;

  constructor(private readonly span: Span) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.trace = { traceId, spanId, flags: traceFlags.toString(16).padStart(2, '0') };
  }

  setAttribute(name: string, value: string | number): void {
    this.span.setAttribute(name, value);
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  failed(): void {
    this.span.setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    this.span.end();
  }
}

/** Nobody collects it. */
class NamedSpan implements OpenSpan {
  readonly trace: Trace;

  constructor({ traceparent: header }: SpanWish) {
    this.trace = traceFrom(header);
  }

  setAttribute(): void {}
  rename(): void {}
  failed(): void {}
  end(): void {}
}

const nothing: SpanNotes = { setAttribute: () => undefined };

/** The stable code, never the message, which may repeat what was sent. A refusal is an answer, no failure. */
const noteError = (span: OpenSpan, error: unknown): void => {
  const { code, status } = toProblem(error);
  span.setAttribute('kendt.code', code);
  if (status < 500) return;
  span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
  span.failed();
};

/** Of what one piece of work came from: its parent where that is one thing, links where it is several. */
export const causes = (headers: readonly (string | undefined)[]): Pick<SpanWish, 'traceparent' | 'links'> => {
  const distinct = [...new Set(headers.filter((header) => header !== undefined))];
  return distinct.length > 1 ? { links: distinct } : { traceparent: distinct[0] ?? '' };
};

export const traceIdOf = (header: string | undefined): string | undefined => callerOf(header)?.traceId;
