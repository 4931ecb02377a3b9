import type { ClientKeyScope, ClientKeySettings } from '@paddock/contracts';
import { authorizeClientKey, Problem } from '@paddock/http-server';

/** Who may ask, as the settings of the environment have it. */
export class ClientKeys {
  private keys: ReadonlyMap<string, ClientKeySettings> | undefined;

  /** Replaces all of them. */
  apply(keys: readonly ClientKeySettings[]): void {
    this.keys = new Map(keys.map((key) => [key.sha256, key]));
  }

  /**
   * The client key that was sent.
   * @throws Problem 401, 403 or 503
   */
  authorize(secret: string | undefined, scope: ClientKeyScope): ClientKeySettings {
    return authorizeClientKey(secret, scope, (sha256) => {
      if (this.keys) return this.keys.get(sha256);
      throw new Problem(503, 'NO_STATE', 'the client keys are not known here yet', { headers: { 'retry-after': '1' } });
    });
  }
}
