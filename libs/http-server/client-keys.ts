import { type ClientKeyScope, type ClientKeySettings, sha256Hex } from '@paddock/contracts';
import { Problem } from './problem.js';

const HEADER = 'paddock-client-key';

/** Keys are shorter. A longer one is not hashed. */
const MAX_KEY_LENGTH = 200;

/** The key in the header `Paddock-Client-Key` of a request. */
export function clientKeyOf(headers: Readonly<Record<string, string | string[] | undefined>>): string | undefined {
  const key = headers[HEADER];
  return typeof key === 'string' ? key : undefined;
}

/**
 * The holder of a key. It is found by the hash of the key, so the time of the search reveals nothing about existing keys.
 * @param find by the SHA-256 of a key, in lower-case hexadecimal digits
 */
export function holderOfKey<T>(key: string, find: (sha256: string) => T | undefined): T | undefined {
  return key.length <= MAX_KEY_LENGTH ? find(sha256Hex(key)) : undefined;
}

/**
 * The client key of a request, which has to have a scope.
 * @param find by the SHA-256 of a key
 * @throws Problem 401 without a key or with one that is not known, 403 without the scope
 */
export function authorizeClientKey(
  key: string | undefined,
  scope: ClientKeyScope,
  find: (sha256: string) => ClientKeySettings | undefined,
): ClientKeySettings {
  if (key === undefined)
    throw new Problem(401, 'CLIENT_KEY_REQUIRED', 'send a client key in the header Paddock-Client-Key');
  const known = holderOfKey(key, find);
  if (!known) throw new Problem(401, 'UNKNOWN_CLIENT_KEY', 'the client key is not known in this environment');
  if (!known.scopes.includes(scope))
    throw new Problem(
      403,
      'SCOPE_MISSING',
      `the client key lacks the scope ${scope}; it has ${known.scopes.join(', ') || 'none'}`,
    );
  return known;
}
