// @ts-expect-error: kafkajs has it, and shows no types of it
import ofKafkajs from 'kafkajs/src/network/requestQueue/index.js';

/** The requests of one connection, as far as it is used here. */
export interface RequestQueue {
  readonly pending: readonly unknown[];
  throttledUntil: number;
  readonly push: (request: { readonly entry: { readonly correlationId: number; readonly resolve: () => void }; readonly expectResponse: boolean; readonly sendRequest: () => void }) => void;
  readonly fulfillRequest: (response: { readonly correlationId: number; readonly payload: object; readonly size: number }) => void;
  readonly destroy: () => void;
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
}

export const requestQueue = ofKafkajs as { new (options: object): RequestQueue; readonly prototype: RequestQueue };

/**
 * kafkajs 2.2.4 sets a timer on every connection to look whether a request waits, and when none does another one at once: a thousand times a
 * second, for as long as the connection is open (https://github.com/tulios/kafkajs/issues/1704). While none waits there is nothing to look for:
 * whoever makes one wait sets the timer.
 */
export const letIdleQueuesRest = ({ prototype } = requestQueue): void => {
  const lookLater = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) lookLater.call(this);
  };
};
