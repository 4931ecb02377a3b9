import type { AddressPolicy } from './address-policy.js';
import { hostRefusal, URL_NOT_ALLOWED, urlRefusal } from './url-refusal.js';

/** A place that config makes a service connect to. */
export interface Destination {
  /** Where in the body it stands: `source.poller.url`. */
  readonly path: string;
  /** A URL, or a host name where the destination has no URL. */
  readonly url?: string;
  readonly host?: string;
}

export interface DestinationProblem {
  readonly path: string;
  readonly code: typeof URL_NOT_ALLOWED;
  /** Begins with a verb, as messages about a field do. */
  readonly message: string;
}

/**
 * The destinations that the policy does not allow: the control plane refuses them at save and in plans, services when
 * they take over config.
 */
export function destinationProblems(destinations: readonly Destination[], policy: AddressPolicy): DestinationProblem[] {
  return destinations.flatMap(({ path, url, host }) => {
    const message =
      url !== undefined ? urlRefusal(url, policy) : host !== undefined ? hostRefusal(host, policy) : undefined;
    return message === undefined ? [] : [{ path, code: URL_NOT_ALLOWED, message }];
  });
}

/** The destinations of an odds feed; of a malformed body, as many as can be read. */
export function feedDestinations(body: unknown): Destination[] {
  const source = memberOf(body, 'source');
  const [poller, betfair, uof] = ['poller', 'betfair', 'uof'].map((name) => memberOf(source, name));
  return [
    ...destination('source.poller.url', 'url', memberOf(poller, 'url')),
    ...destination('source.betfair.loginUrl', 'url', memberOf(betfair, 'loginUrl')),
    ...destination('source.betfair.host', 'host', memberOf(betfair, 'host')),
    ...destination('source.uof.apiUrl', 'url', memberOf(uof, 'apiUrl')),
  ];
}

/** The destinations of a proxied upstream. */
export function upstreamDestinations(body: unknown): Destination[] {
  return destination('baseUrl', 'url', memberOf(body, 'baseUrl'));
}

function destination(path: string, kind: 'url' | 'host', value: unknown): Destination[] {
  return typeof value === 'string' ? [{ path, [kind]: value }] : [];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}
