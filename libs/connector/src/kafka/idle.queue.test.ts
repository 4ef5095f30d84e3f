import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { letIdleQueuesRest, type RequestQueue, requestQueue } from './idle.queue.js';

describe('the queue of a connection', () => {
  const silent = { debug: () => undefined, warn: () => undefined };
  let queue: RequestQueue;
  let sent: number[];
  beforeEach(() => {
    jest.useFakeTimers();
    class Patched extends requestQueue {}
    letIdleQueuesRest(Patched);
    queue = new Patched({ maxInFlightRequests: 1, requestTimeout: 1000, enforceRequestTimeout: false, clientId: 'test', broker: 'b:1', logger: silent });
    sent = [];
  });
  afterEach(() => {
    queue.destroy();
    jest.useRealTimers();
  });

  const push = (correlationId: number): void => queue.push({ entry: { correlationId, resolve: () => undefined }, expectResponse: true, sendRequest: () => void sent.push(correlationId) });
  const answer = (correlationId: number): void => queue.fulfillRequest({ correlationId, payload: {}, size: 0 });

  it('sets no timer while no request waits, where kafkajs sets one after another', () => {
    push(1);
    answer(1);
    expect(jest.getTimerCount()).toBe(0);
    const bare = new requestQueue({ maxInFlightRequests: 1, clientId: 'test', broker: 'b:1', logger: silent });
    bare.push({ entry: { correlationId: 1, resolve: () => undefined }, expectResponse: true, sendRequest: () => undefined });
    bare.fulfillRequest({ correlationId: 1, payload: {}, size: 0 });
    expect(jest.getTimerCount()).toBe(1); // without this, the file beside this one can go
    bare.destroy();
  });

  it('sends what waits for an answer to the request before', () => {
    push(1);
    push(2);
    expect(sent).toEqual([1]);
    answer(1);
    expect(sent).toEqual([1, 2]);
  });

  it('sends what waits because the broker has asked for patience', () => {
    queue.throttledUntil = Date.now() + 300;
    push(1);
    jest.advanceTimersByTime(200);
    expect(sent).toEqual([]);
    jest.advanceTimersByTime(150);
    expect(sent).toEqual([1]);
    answer(1);
    jest.advanceTimersByTime(50);
    expect(jest.getTimerCount()).toBe(0);
  });
});
