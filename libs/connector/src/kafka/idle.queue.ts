/// <reference path="./request.queue.d.ts" />
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/**
 * kafkajs 2.2.4 sets a timer on every connection to look whether a request waits, and when none does another one at once: a thousand times a
 * second, for as long as the connection is open (https://github.com/tulios/kafkajs/issues/1704). While none waits there is nothing to look for:
 * whoever makes one wait sets the timer.
 */
export const letIdleQueuesRest = ({ prototype }: { readonly prototype: RequestQueue } = RequestQueue): void => {
  const lookLater = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) lookLater.call(this);
  };
};
