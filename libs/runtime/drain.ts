import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/**
 * Lets requests that have begun finish before the server closes, for `timeoutMs` at most; new ones get 503 meanwhile.
 * Use it with `forceCloseConnections: true`: otherwise a connection on which nothing was ever sent holds up the end.
 */
export function drainBeforeClose(fastify: FastifyInstance, timeoutMs = 3_000): void {
  let running = 0;
  let drained: (() => void) | undefined;
  fastify.addHook('onRequest', (_request, reply, done) => {
    running += 1;
    // `close` comes also when the client goes first.
    reply.raw.once('close', () => {
      running -= 1;
      if (running === 0) drained?.();
    });
    done();
  });
  fastify.addHook('preClose', async () => {
    if (running === 0) return;
    const allDone = new Promise<void>((resolve) => (drained = resolve));
    await Promise.race([allDone, delay(timeoutMs, undefined, { ref: false })]);
  });
}
