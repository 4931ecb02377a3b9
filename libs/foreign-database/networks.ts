import { BlockList, isIP, isIPv4 } from 'node:net';

/** Networks where no database of a back office can be, but metadata services and other surprises are. */
export const NEVER = ['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4', '::/128', 'fe80::/10', 'ff00::/8', 'fd00:ec2::254/128'];

/** Networks that a source may not be in. */
export class ForbiddenNetworks {
  private readonly list = new BlockList();

  /** @throws Error naming the first entry that is no network in CIDR notation */
  constructor(networks: readonly string[]) {
    for (const network of [...NEVER, ...networks]) {
      const [address = '', bits = '', ...rest] = network.split('/');
      const family = isIPv4(address) ? 'ipv4' : 'ipv6';
      const valid = isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 'ipv4' ? 32 : 128) && rest.length === 0;
      if (!valid) throw new Error(`${JSON.stringify(network)} is no network such as 10.0.0.0/8`);
      this.list.addSubnet(address, Number(bits), family);
    }
  }

  /** IPv4 addresses that hide in IPv6 (mapped, NAT64, 6to4) are judged as what they are. */
  forbids(address: string): boolean {
    if (isIPv4(address)) return this.list.check(address, 'ipv4');
    if (isIP(address) === 0) return true;
    const hidden = hiddenIPv4(address);
    return this.list.check(address, 'ipv6') || (hidden !== undefined && this.list.check(hidden, 'ipv4'));
  }
}

/** Networks as they stand in a setting, joined by commas. */
export function networksOf(text: string): string[] {
  return text.split(',').map((network) => network.trim()).filter((network) => network !== '');
}

export function areNetworks(text: string): boolean {
  try {
    return new ForbiddenNetworks(networksOf(text)) instanceof ForbiddenNetworks;
  } catch {
    return false; // one of them is none
  }
}

function hiddenIPv4(address: string): string | undefined {
  const groups = expand(address);
  const at = (from: number) => [groups[from] ?? 0, groups[from + 1] ?? 0].flatMap((group) => [group >> 8, group & 0xff]).join('.');
  const zeroes = (to: number) => groups.slice(0, to).every((group) => group === 0);
  if (zeroes(5) && (groups[5] === 0xffff || (groups[5] === 0 && groups[6] !== 0))) return at(6);
  if (groups[0] === 0x64 && groups[1] === 0xff9b) return at(6);
  return groups[0] === 0x2002 ? at(1) : undefined;
}

/** The eight groups of an IPv6 address. */
function expand(address: string): number[] {
  const [withoutZone = ''] = address.split('%');
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(withoutZone);
  const hex = (a: string | undefined, b: string | undefined) => (Number(a) * 256 + Number(b)).toString(16);
  const plain = dotted ? `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}` : withoutZone;
  const [left = '', right] = plain.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  if (right === undefined) return groups(left);
  const [before, after] = [groups(left), groups(right)];
  return [...before, ...new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after];
}
