import type { AddressPolicy, Use } from './address-policy.js';
import { addressOf, hostOf } from './ip-address.js';

/** Code of a destination that the policy does not allow: at save, in a plan, or when a service connects. */
export const URL_NOT_ALLOWED = 'URL_NOT_ALLOWED';

const LOCALHOST = /(?:^|\.)localhost$/;
/** Names by which clouds serve credentials to their machines. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  ...['metadata', 'metadata.google.internal', 'metadata.goog', 'metadata.azure.internal'],
  ...['instance-data', 'instance-data.ec2.internal'],
]);

/**
 * Why config may not name this host; `undefined` where it may. Names are checked as far as possible without a resolver:
 * their addresses are checked when a connection is made.
 */
export function hostRefusal(text: string, policy: AddressPolicy, use: Use = {}): string | undefined {
  const host = hostOf(text);
  if (!host) return 'is not a host';
  if ('address' in host) {
    const why = policy.refusalOf(host.address, use);
    return why === undefined ? undefined : explain(why);
  }
  if (METADATA_NAMES.has(host.name)) return explain('the name of a metadata service');
  if (LOCALHOST.test(host.name)) {
    const loopback = ['127.0.0.1', '::1'].flatMap((address) => addressOf(address) ?? []);
    const whys = loopback.map((address) => policy.refusalOf(address, use));
    return whys.includes(undefined) ? undefined : explain(whys[0] ?? '');
  }
  return use.plain && !policy.namesNetworks ? explain('not in a network that plain HTTP may use') : undefined;
}

/** Why config may not name this URL; `undefined` where it may, and for what is no http or https URL (see its syntax). */
export function urlRefusal(text: string, policy: AddressPolicy): string | undefined {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  return hostRefusal(url.hostname, policy, { plain: url.protocol === 'http:' });
}

const EXPECTED = 'a public https address, or one in a network that the operator names in OUTBOUND_ALLOWED_NETWORKS';

function explain(why: string): string {
  return `leads to a host that may not be asked: it is ${why}. Expected ${EXPECTED}`;
}
