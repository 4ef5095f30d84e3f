/** The part of kafkajs, of one connection, that it does not show. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    constructor(options: object);
    readonly pending: readonly unknown[];
    throttledUntil: number;
    push(request: { entry: { correlationId: number; resolve: () => void }; expectResponse: boolean; sendRequest: () => void }): void;
    fulfillRequest(response: { correlationId: number; payload: object; size: number }): void;
    scheduleCheckPendingRequests(): void;
    destroy(): void;
  }
}
