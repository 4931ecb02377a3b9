import { addressOf, type IpAddress } from './ip-address.js';

/** A range of addresses that begin with the same bits. */
export interface Network extends IpAddress {
  readonly bits: number;
}

/** A network with the reason why it is special. */
export interface SpecialNetwork {
  readonly network: Network;
  /** Completes "it is …". */
  readonly what: string;
  /** A wider network that an operator names does not include it. */
  readonly never: boolean;
}

const width = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/** Reads CIDR notation, `10.0.0.0/8`; a mapped IPv6 network is the IPv4 network that it maps. */
export function parseNetwork(text: string): Network | undefined {
  const [written = '', length = '', ...rest] = text.split('/');
  const address = written.includes('%') ? undefined : addressOf(written);
  const bits = Number(length);
  if (!address || !/^\d{1,3}$/.test(length) || rest.length > 0 || bits > width(address.family)) return undefined;
  const mapped = address.family === 6 && bits >= 96 && address.value >> 32n === 0xffffn;
  return mapped ? { family: 4, value: address.value & 0xffff_ffffn, bits: bits - 96 } : { ...address, bits };
}

export function contains(network: Network, address: IpAddress): boolean {
  if (network.family !== address.family) return false;
  const rest = BigInt(width(network.family) - network.bits);
  return network.value >> rest === address.value >> rest;
}

/** Is every address of `inner` one of `outer`? */
export function isWithin(inner: Network, outer: Network): boolean {
  return inner.bits >= outer.bits && contains(outer, inner);
}

/** Networks as they stand in a setting, joined by commas. */
export function networksOf(text: string): string[] {
  return text
    .split(',')
    .map((network) => network.trim())
    .filter((network) => network !== '');
}

export function areNetworks(text: string): boolean {
  return networksOf(text).every((network) => parseNetwork(network) !== undefined);
}

/** @throws Error naming the first entry that is no network in CIDR notation */
export function toNetworks(texts: readonly string[]): Network[] {
  return texts.map((text) => {
    const network = parseNetwork(text);
    if (!network) throw new Error(`${JSON.stringify(text)} is no network such as 10.0.0.0/8`);
    return network;
  });
}

const special = (never: boolean, what: string, ...texts: readonly string[]): SpecialNetwork[] =>
  toNetworks(texts).map((network) => ({ network, what, never }));

/**
 * Networks that are not the public internet (IANA's special-purpose registries, RFC 6890), the narrowest first.
 *
 * Those of this machine and of its operator are reached where the operator names a network that holds them. Where nothing
 * is that Paddock should ask, though attackers would like it to, only the network itself or a part of it may be named.
 */
const SPECIAL_NETWORKS: readonly SpecialNetwork[] = [
  ...special(false, 'of this machine', '127.0.0.0/8', '::1/128'),
  ...special(false, 'in a private network', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'),
  ...special(false, 'in the shared network of carriers', '100.64.0.0/10'),
  ...special(false, 'in a NAT64 network for local use', '64:ff9b:1::/48'),
  ...special(true, 'the address of a metadata service', '169.254.169.254/32', '100.100.100.200/32', '192.0.0.192/32'),
  ...special(true, 'the address of a metadata service', '168.63.129.16/32'),
  ...special(true, 'the address of a metadata service', 'fd00:ec2::254/128', 'fd20:ce::254/128'),
  ...special(true, 'a link-local address', '169.254.0.0/16', 'fe80::/10'),
  ...special(true, 'an unspecified address', '0.0.0.0/8', '::/128'),
  ...special(true, 'a broadcast address', '255.255.255.255/32'),
  ...special(true, 'a multicast address', '224.0.0.0/4', 'ff00::/8'),
  ...special(true, 'an address for documentation', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'),
  ...special(true, 'an address for documentation', '2001:db8::/32', '3fff::/20'),
  ...special(true, 'an address for benchmarks', '198.18.0.0/15', '2001:2::/48'),
  ...special(
    true,
    'a deprecated address',
    '192.88.99.0/24',
    'fec0::/10',
    '::/96',
    '2002::/16',
    '2001::/32',
    '3ffe::/16',
  ),
  ...special(true, 'an address of a protocol', '192.0.0.0/24', '2001::/23', '100::/64', '5f00::/16'),
  // Neither special nor global unicast (RFC 4291, 2.4): not assigned to anyone.
  ...special(true, 'a reserved address', '240.0.0.0/4', '::/3', '4000::/2', '8000::/1'),
].sort((a, b) => b.network.bits - a.network.bits);

/** What is special about an address, by the narrowest network that holds it; `undefined` for a public one. */
export function specialNetworkOf(address: IpAddress): SpecialNetwork | undefined {
  return SPECIAL_NETWORKS.find(({ network }) => contains(network, address));
}
