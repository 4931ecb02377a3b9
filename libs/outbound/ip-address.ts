import { isIP } from 'node:net';

/** An address as the number that its bytes are. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A parsed host: an address in any spelling, or a name. */
export type Host = { readonly address: IpAddress } | { readonly name: string };

/**
 * Reads a host as URL parsers and resolvers do, so that each spelling of an address is that address: decimal, octal and
 * hexadecimal integers, short forms, IPv4 within IPv6, zone ids, brackets, trailing dots, percent-encoding and other
 * scripts' digits (WHATWG URL, "host parsing"; RFC 6874 for zones). `undefined` for what is no host.
 */
export function hostOf(text: string): Host | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const written = bare.includes(':') ? `[${bare.replace(/%.*$/s, '')}]` : bare;
  if (written === '' || /[\s/?#@\\]/.test(written)) return undefined;
  const hostname = URL.parse(`http://${written}/`)?.hostname.replace(/\.+$/, '');
  if (hostname === undefined || hostname === '') return undefined;
  const address = addressOf(hostname.replace(/^\[|\]$/g, ''));
  return address ? { address } : { name: hostname };
}

/** An address as the resolver and the URL parser write it; `undefined` for a name. */
export function addressOf(canonical: string): IpAddress | undefined {
  switch (isIP(canonical)) {
    case 4:
      return { family: 4, value: joined(canonical.split('.').map(Number), 8n) };
    case 6:
      return { family: 6, value: joined(groupsOf(canonical), 16n) };
    default:
      return undefined;
  }
}

function joined(parts: readonly number[], bits: bigint): bigint {
  return parts.reduce((value, part) => (value << bits) | BigInt(part), 0n);
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [text = ''] = address.split('%');
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const [, beginning = '', four = ''] = dotted ?? [];
  const [a = 0, b = 0, c = 0, d = 0] = four.split('.').map(Number);
  const plain = dotted ? `${beginning}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}` : text;
  const [left = '', right] = plain.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (right === undefined) return groups(left);
  const [before, after] = [groups(left), groups(right)];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const LOW_32 = 0xffff_ffffn;

/**
 * The addresses that a packet to `address` may reach: itself, and IPv4 addresses within it. Only mapped addresses
 * (RFC 4291, 2.5.5.2) and NAT64's well-known prefix (RFC 6052) are nothing but another spelling of an IPv4 address.
 */
export function readingsOf(address: IpAddress): IpAddress[] {
  if (address.family === 4) return [address];
  const { value } = address;
  const v4 = (from: bigint): IpAddress => ({ family: 4, value: (value >> from) & LOW_32 });
  const prefix96 = value >> 32n;
  if (prefix96 === 0xffffn || prefix96 === 0x64_ff9bn << 64n) return [v4(0n)];
  const top = (bits: bigint): bigint => value >> (128n - bits);
  // ::a.b.c.d, deprecated; :: and ::1 hold no IPv4 address.
  if (prefix96 === 0n && value > 1n) return [address, v4(0n)];
  // NAT64 for local use (RFC 8215), with the IPv4 address at its end.
  if (top(48n) === 0x64_ff9b_0001n) return [address, v4(0n)];
  // 6to4 (RFC 3056); Teredo with its server and its client, whose bits are turned over (RFC 4380).
  if (top(16n) === 0x2002n) return [address, v4(80n)];
  if (top(32n) === 0x2001_0000n) return [address, v4(64n), { family: 4, value: ~value & LOW_32 }];
  // ISATAP (RFC 5214).
  if (((value >> 32n) & 0xfdff_ffffn) === 0x5efen) return [address, v4(0n)];
  return [address];
}
