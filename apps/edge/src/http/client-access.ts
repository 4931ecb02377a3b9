import type { ClientKeyScope, ClientKeySettings } from '@paddock/contracts';
import { clientKeyOf, authorizeClientKey } from '@paddock/http-server';
import type { Environment } from '../state/environment.js';
import type { Environments } from '../state/environments.js';
import type { LiveState } from '../state/live-state.js';
import type { SettingsIndex } from '../state/settings-index.js';
import { notReady, Problem, quote } from './problem.js';

/** The key that a request shows: in the header, or in the query where a browser cannot set headers. */
export function secretOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  query: string | undefined,
): string | undefined {
  return clientKeyOf(headers) ?? query;
}

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
  if (secret === undefined && scope === 'read' && settings.anonymousReads) return undefined;
  return authorizeClientKey(secret, scope, (sha256) => settings.clientKeyBySha256(sha256));
}

/**
 * A key that is bound to a site opens no other.
 * @throws Problem 403
 */
export function authorizeSite({ key }: Access, site: string): void {
  if (!key || key.site === null || key.site === site) return;
  throw new Problem(403, 'OTHER_SITE', `the client key is bound to the site ${quote(key.site)}`);
}

/** May this caller read which documents a release changed? */
export function seesItems({ key }: Access): boolean {
  return key?.scopes.includes('sync') === true;
}
