import type { ClientKeyScope, ClientKeySettings } from '#contracts';
import type { Environment } from '../state/environment.js';
import type { Environments } from '../state/environments.js';
import type { LiveState } from '../state/live-state.js';
import type { SettingsIndex } from '../state/settings-index.js';
import { notReady, Problem, quote } from './problem.js';

/** The header in which a client key travels, as Node names it. */
export const CLIENT_KEY_HEADER = 'paddock-client-key';

/** The key that a request shows: in the header, or in the query where a browser cannot set headers. */
export function secretOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  query: string | undefined,
): string | undefined {
  const header = headers[CLIENT_KEY_HEADER];
  return typeof header === 'string' ? header : query;
}

/** Keys are shorter; what is longer is not looked at. */
const MAX_KEY_LENGTH = 200;

/** An environment that can answer, and with which rights it was asked. */
export interface Access {
  environment: Environment;
  state: LiveState;
  settings: SettingsIndex;
  /** `undefined` for a request without key. */
  key: ClientKeySettings | undefined;
}

/**
 * Finds the environment and what the caller may do there.
 * @throws Problem 404, 503, 401 or 403
 */
export function openEnvironment(
  environments: Environments,
  name: string,
  secret: string | undefined,
  scope: ClientKeyScope,
): Access {
  const environment = environments.find(name);
  if (!environment) {
    if (!environments.complete) throw notReady(name);
    throw new Problem(404, 'UNKNOWN_ENVIRONMENT', `there is no environment ${quote(name)}`);
  }
  const { state, settings } = environment;
  if (!state || !settings) throw notReady(name);
  return { environment, state, settings, key: clientKey(settings, secret, scope) };
}

function clientKey(
  settings: SettingsIndex,
  secret: string | undefined,
  scope: ClientKeyScope,
): ClientKeySettings | undefined {
  if (secret === undefined) {
    if (scope === 'read' && settings.anonymousReads) return undefined;
    throw new Problem(401, 'CLIENT_KEY_REQUIRED', 'send a client key in the header Paddock-Client-Key');
  }
  const key = secret.length <= MAX_KEY_LENGTH ? settings.clientKey(secret) : undefined;
  if (!key) throw new Problem(401, 'UNKNOWN_CLIENT_KEY', 'the client key is not known in this environment');
  if (!key.scopes.includes(scope))
    throw new Problem(
      403,
      'SCOPE_MISSING',
      `the client key lacks the scope ${scope}; it has ${key.scopes.join(', ') || 'none'}`,
    );
  return key;
}

/**
 * A key that is bound to a site opens no other.
 * @throws Problem 403
 */
export function demandSite({ key }: Access, site: string): void {
  if (!key || key.site === null || key.site === site) return;
  throw new Problem(403, 'OTHER_SITE', `the client key is bound to the site ${quote(key.site)}`);
}

/** May this caller read which documents a release changed? */
export function seesItems({ key }: Access): boolean {
  return key?.scopes.includes('sync') === true;
}
