import type { AnyRef } from './documents.js';

/** Reads `kind/site/key`, whether or not this version knows the kind; `undefined` for any other text. */
export function splitRef(text: string): AnyRef | undefined {
  const [kind, site, key, ...rest] = text.split('/');
  return kind && site && key && rest.length === 0 ? { kind, site, key } : undefined;
}
