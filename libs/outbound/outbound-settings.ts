import type { EnvReader } from '@paddock/runtime';
import { AddressPolicy } from './address-policy.js';
import { areNetworks, networksOf } from './networks.js';

const EXPECTED = 'networks such as 10.0.0.0/8, joined by commas';

/** The networks that may be connected to besides public ones: one setting for services that save config and services that use it. */
export function readOutboundPolicy(env: EnvReader): AddressPolicy {
  return new AddressPolicy({ allowed: readNetworks(env, 'OUTBOUND_ALLOWED_NETWORKS') });
}

/** The policy for proxied upstreams; the older PROXY_ALLOW_PRIVATE names this machine and all private networks at once. */
export function readProxyPolicy(env: EnvReader, policy: AddressPolicy): AddressPolicy {
  return env.flag('PROXY_ALLOW_PRIVATE', false) ? policy.withPrivateNetworks() : policy;
}

/** Networks of a setting; none where it is not set. */
export function readNetworks(env: EnvReader, name: string): string[] {
  const text = env.optionalLike(name, areNetworks, EXPECTED) ?? '';
  return networksOf(text);
}
