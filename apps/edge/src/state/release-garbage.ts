import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Fewer documents leave no garbage worth a pause. */
export const MANY_DOCUMENTS = 10_000;

/**
 * Collects what loading left behind, now and thoroughly. Reading 100,000 documents makes several times their size in
 * garbage; V8 would keep those pages for as long as nothing presses it, so an edge that idles would hold on to 100 MB
 * that nobody uses. Stops the process for some hundred milliseconds: for the time before it serves anything.
 */
export function releaseGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function')
    Reflect.apply(collect, undefined, [{ type: 'major', execution: 'sync', flavor: 'last-resort' }]);
}
