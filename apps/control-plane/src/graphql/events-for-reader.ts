import type { Actor } from '../access/actor.js';
import type { RequestScope } from './request-scope.js';

/**
 * The events of a subscription as its subscriber may see them at the moment of each event: grants may have been taken
 * away since it began. When the credential no longer holds, no event is delivered; `Subscriptions` closes the socket.
 * @param forReader the event as an actor may see it; `undefined` leaves it out
 *
 * Not an `async function*`: its `return()` would wait for the event that is being waited for, and the source would leak.
 */
export function eventsForReader<T, Shown = T>(
  source: AsyncIterableIterator<T>,
  scope: RequestScope,
  forReader: (actor: Actor, event: T) => Promise<Shown | undefined>,
): AsyncIterableIterator<Shown> {
  return {
    async next() {
      for (;;) {
        const step = await source.next();
        if (step.done === true) return { done: true, value: undefined };
        const { actor } = await scope.currentCaller();
        const value = actor && (await forReader(actor, step.value));
        if (value !== undefined) return { done: false, value };
      }
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
