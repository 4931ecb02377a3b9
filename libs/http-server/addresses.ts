import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net';

/** An address in canonical form, an IPv4 address within IPv6 as IPv4; `undefined` for anything else. */
export function canonicalAddress(text: string): string | undefined {
  const [address = ''] = text.split('%', 1);
  if (isIPv4(address)) return address;
  if (isIP(address) === 0) return undefined;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  const mapped = canonical.startsWith('::ffff:') ? canonical.slice('::ffff:'.length) : '';
  return isIPv4(mapped) ? mapped : canonical;
}

/** The key of per-client limits: an IPv4 address, or the /64 of an IPv6 address, which belongs to one subscriber. Takes a canonical address. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [left = '', right] = address.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  // A dotted end stands for two groups.
  const length = before.length + after.length + (address.includes('.') ? 1 : 0);
  const groups =
    right === undefined ? before : [...before, ...new Array<string>(Math.max(0, 8 - length)).fill('0'), ...after];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** Networks in CIDR notation and single addresses, as a setting lists them. */
export class NetworkList {
  private readonly list = new BlockList();

  /** @returns `undefined` where an entry is neither a network nor an address */
  static parse(text: string): NetworkList | undefined {
    const networks = new NetworkList();
    const entries = text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
    return entries.every((entry) => networks.add(entry)) ? networks : undefined;
  }

  /** Takes a canonical address. */
  has(address: string): boolean {
    return this.list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  }

  private add(entry: string): boolean {
    const [address = '', bits, ...rest] = entry.split('/');
    if (isIP(address) === 0 || rest.length > 0) return false;
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (bits === undefined) this.list.addAddress(address, family);
    else if (!/^\d{1,3}$/.test(bits) || Number(bits) > (family === 'ipv4' ? 32 : 128)) return false;
    else this.list.addSubnet(address, Number(bits), family);
    return true;
  }
}
