import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects the garbage of this process now, in full. To be called once, between the start of an app and its first request:
 * a start makes 50 to 130 MB of garbage that V8 would keep until much later, because an idle process has no reason to
 * collect. It stops the process for 30 to 100 ms.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  setFlagsFromString('--no-expose-gc');
}
