import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { until } from '@paddock/testing';

/** What one subscription received over a socket of its own, as the client of a console would. */
export interface Watcher<Event> {
  readonly events: readonly Event[];
  /** Errors of the operation: messages that end it, and those that come with an event. */
  readonly errors: readonly unknown[];
  /** Everything that the socket received, as text. */
  readonly bytes: string;
  /** How the socket ended. */
  readonly closed: { code: number; reason: string; at: number } | undefined;
  dispose(): Promise<void>;
}

/** Subscribes to one root field over `graphql-transport-ws`. A socket that ends does not come back by itself. */
export function watch<Event>(url: string, token: string, subscription: string): Watcher<Event> {
  const events: Event[] = [];
  const errors: unknown[] = [];
  let bytes = '';
  let closed: Watcher<Event>['closed'];
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    on: {
      message: (message) => void (bytes += JSON.stringify(message)),
      closed: (event) => {
        if (!isClose(event)) return;
        closed = { code: event.code, reason: String(event.reason), at: performance.now() };
      },
    },
  });
  client.subscribe<Record<string, Event>>(
    { query: `subscription { ${subscription} }` },
    {
      next: ({ data, errors: wrong }) => {
        if (data) events.push(...Object.values(data));
        if (wrong) errors.push(...wrong);
      },
      error: (error) => void errors.push(error),
      complete: () => undefined,
    },
  );
  return {
    events,
    errors,
    get bytes() {
      return bytes;
    },
    get closed() {
      return closed;
    },
    dispose: async () => {
      await client.dispose();
    },
  };
}

/** Several subscriptions that certainly run: a cause is repeated until each of them has received something. */
export async function untilHeard(watchers: readonly Watcher<unknown>[], cause: () => Promise<unknown>): Promise<void> {
  await until(
    async () => {
      await cause();
      return watchers.every(({ events }) => events.length > 0);
    },
    { what: 'the first event', everyMs: 200 },
  );
}

function isClose(event: unknown): event is { code: number; reason: unknown } {
  return typeof event === 'object' && event !== null && 'code' in event && typeof event.code === 'number';
}
