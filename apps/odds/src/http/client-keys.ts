import { type ClientKeyScope, type ClientKeySettings, sha256Hex } from '#contracts';
import { Problem } from '#http-server';

/** The header in which a client key travels, as Node names it. */
export const CLIENT_KEY_HEADER = 'paddock-client-key';

/** Keys are shorter; what is longer is not looked at. */
const MAX_KEY_LENGTH = 200;

/** Who may ask, as the settings of the environment have it. */
export class ClientKeys {
  private keys: ReadonlyMap<string, ClientKeySettings> | undefined;

  /** Replaces all of them. */
  apply(keys: readonly ClientKeySettings[]): void {
    this.keys = new Map(keys.map((key) => [key.sha256, key]));
  }

  /**
   * Who sent this key, which is found by its hash, so that the time it takes says nothing about the keys that exist.
   * @throws Problem 401, 403 or 503
   */
  demand(secret: string | undefined, scope: ClientKeyScope): ClientKeySettings {
    if (secret === undefined)
      throw new Problem(401, 'CLIENT_KEY_REQUIRED', 'send a client key in the header Paddock-Client-Key');
    if (!this.keys)
      throw new Problem(503, 'NO_STATE', 'the client keys are not known here yet', { headers: { 'retry-after': '1' } });
    const key = secret.length <= MAX_KEY_LENGTH ? this.keys.get(sha256Hex(secret)) : undefined;
    if (!key) throw new Problem(401, 'UNKNOWN_CLIENT_KEY', 'the client key is not known in this environment');
    if (!key.scopes.includes(scope))
      throw new Problem(
        403,
        'SCOPE_MISSING',
        `the client key lacks the scope ${scope}; it has ${key.scopes.join(', ') || 'none'}`,
      );
    return key;
  }
}
