import { describe, expect, it } from 'vitest';
import { buildSchema, type ExecutionResult, parse } from 'graphql';
import { requestContext } from '@paddock/runtime';
import { RequestScope } from './request-scope.js';
import { subscribe } from './subscribe.js';

/** A source of events like a socket's: it can be closed while somebody waits for the next one. */
function source(events: unknown[]) {
  const waiting = Promise.withResolvers<IteratorResult<unknown>>();
  const state = { closed: 0 };
  const iterator: AsyncIterableIterator<unknown> = {
    next: () => (events.length > 0 ? Promise.resolve({ done: false, value: events.shift() }) : waiting.promise),
    return: () => {
      state.closed += 1;
      waiting.resolve({ done: true, value: undefined });
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return { iterator, state };
}

function start(iterator: unknown, value: (scope: RequestScope) => unknown = () => 1) {
  const schema = buildSchema('type Query { q: Int } type Subscription { ticks: Int }');
  const field = schema.getSubscriptionType()?.getFields().ticks;
  Object.assign(field ?? {}, {
    subscribe: () => iterator,
    resolve: (_: unknown, __: unknown, scope: RequestScope) => value(scope),
  });
  const contextValue = new RequestScope('r1', '192.0.2.1', {});
  return subscribe({ schema, document: parse('subscription { ticks }'), contextValue });
}

const isStream = (value: AsyncGenerator<ExecutionResult> | ExecutionResult): value is AsyncGenerator<ExecutionResult> =>
  Symbol.asyncIterator in value;

async function stream(started: Promise<AsyncGenerator<ExecutionResult> | ExecutionResult>) {
  const result = await started;
  if (!isStream(result)) throw new Error(JSON.stringify(result));
  return result;
}

describe('subscribe', () => {
  it('gives each event a scope of its own and the caller’s request id', async () => {
    const scopes: unknown[] = [];
    const ids: unknown[] = [];
    const { iterator } = source([1, 2]);
    const results = await stream(
      start(iterator, (scope) => {
        ids.push(requestContext()?.requestId);
        return scopes.push(scope);
      }),
    );
    expect(await results.next()).toMatchObject({ done: false, value: { data: { ticks: 1 } } });
    expect(await results.next()).toMatchObject({ done: false, value: { data: { ticks: 2 } } });
    expect(scopes[0]).not.toBe(scopes[1]);
    expect(ids).toEqual(['r1', 'r1']);
  });

  it('closes its source at once, even while it waits for an event', async () => {
    const { iterator, state } = source([]);
    const results = await stream(start(iterator));
    const waiting = results.next();
    await results.return(undefined);
    expect(state.closed).toBe(1);
    expect(await waiting).toMatchObject({ done: true });
  });

  it('shows an error of one event and goes on', async () => {
    const { iterator, state } = source([1, 2]);
    let first = true;
    const results = await stream(
      start(iterator, () => {
        if (!first) return 2;
        first = false;
        throw new Error('this event alone');
      }),
    );
    expect((await results.next()).value).toMatchObject({ errors: [{ message: 'this event alone' }] });
    expect((await results.next()).value).toMatchObject({ data: { ticks: 2 } });
    expect(state.closed).toBe(0);
  });
});
