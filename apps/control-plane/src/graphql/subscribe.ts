import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { LimitedConcurrency, withRequestContext } from '@paddock/runtime';
import { RequestScope } from './request-scope.js';

/**
 * One event is answered for every subscriber, each with the reads that they may make. All at once they would take every
 * database connection, and requests, which wait for a limited time, would be turned away.
 */
const EVENTS_AT_ONCE = 4;
const events = new LimitedConcurrency(EVENTS_AT_ONCE);

/**
 * graphql-js's `subscribe` (section "Subscription" of the GraphQL specification), except that each event is executed
 * with a scope of its own: otherwise DataLoaders would answer every later event with what the first one loaded, and
 * grants that were taken away would go on to hold.
 */
export async function subscribe(args: ExecutionArgs): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const { contextValue: scope } = args;
  if (!(scope instanceof RequestScope)) throw new TypeError('a subscription needs a RequestScope');
  const { requestId } = scope;
  const source = await withRequestContext({ requestId }, () => createSourceEventStream(args));
  if (!isAsyncIterable(source)) return source;
  const answer = (event: unknown) =>
    events.run(() =>
      withRequestContext({ requestId }, async () =>
        execute({ ...args, rootValue: event, contextValue: await scope.renewed() }),
      ),
    );
  return mapAsync(source[Symbol.asyncIterator](), answer);
}

/** Not an `async function*`: its `return()` would wait for the event that is being waited for, and the source would leak. */
function mapAsync<From, To>(source: AsyncIterator<From>, map: (value: From) => Promise<To>): AsyncGenerator<To> {
  const mapped = async (step: IteratorResult<From>): Promise<IteratorResult<To>> =>
    step.done ? { done: true, value: undefined } : { done: false, value: await map(step.value) };
  const close = async (): Promise<void> => {
    await source.return?.();
  };
  return {
    async next() {
      try {
        return await mapped(await source.next());
      } catch (error) {
        await close();
        throw error;
      }
    },
    async return() {
      await close();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await close();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: close,
  };
}

function isAsyncIterable(value: AsyncIterable<unknown> | ExecutionResult): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}
