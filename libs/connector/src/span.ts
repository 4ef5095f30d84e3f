/** A span of a trace, as it begins. Nothing in it names a customer. */
export interface SpanWish {
  readonly name: string;
  readonly kind: 'consumer';
  /** W3C Trace Context of the request that led to the message; the span goes on with that trace. */
  readonly traceparent: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What becomes known later. A span of OpenTelemetry is one as it is. */
export interface SpanNotes {
  setAttribute(name: string, value: string): unknown;
}

/**
 * Runs the work within a span of yours, whoever makes it: the connector brings no library for traces. It never rejects because a message
 * could not be handled; the attribute `kendt.outcome` says so.
 */
export type InSpan = <T>(wish: SpanWish, work: (span: SpanNotes) => Promise<T>) => Promise<T>;

export const withoutSpan: InSpan = (_wish, work) => work({ setAttribute: () => undefined });
