import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Fewer documents leave no garbage worth a pause. */
export const MANY_DOCUMENTS = 10_000;

/**
 * Runs a full garbage collection after loading. Reading 100,000 documents makes several times their size in garbage; V8
 * keeps those pages while memory is not short, so an idle edge would hold 100 MB of unused memory. Stops the process for
 * some hundred milliseconds, so call it before the edge serves requests.
 */
export function releaseGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function')
    Reflect.apply(collect, undefined, [{ type: 'major', execution: 'sync', flavor: 'last-resort' }]);
}
