import { AsyncLocalStorage } from 'node:async_hooks';

/** The context of one request, job or receipt, carried into every log line and onward message. */
export interface RequestContext {
  requestId: string;
  /** When an HTTP request came in, by `performance.now()`; absent in jobs and routines. */
  startedAt?: number;
}

const storage = new AsyncLocalStorage<RequestContext>();

export function withRequestContext<T>(context: RequestContext, run: () => T): T {
  return storage.run(context, run);
}

export function requestContext(): RequestContext | undefined {
  return storage.getStore();
}
