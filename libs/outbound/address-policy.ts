import { hostOf, type IpAddress, readingsOf } from './ip-address.js';
import { contains, isWithin, type Network, specialNetworkOf, toNetworks } from './networks.js';

/** How a connection is used. */
export interface Use {
  /** The connection is neither encrypted nor authenticated: it stays within networks that the operator names. */
  readonly plain?: boolean;
}

/** Networks in CIDR notation. */
export interface PolicyNetworks {
  /** Reached besides public ones. */
  readonly allowed?: readonly string[];
  /** Never reached, also where they are public or named above. */
  readonly forbidden?: readonly string[];
}

/** The networks of this machine and of its operator, by the names that a setting would give them. */
const PRIVATE = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
  '100.64.0.0/10',
];

/**
 * Which addresses config or people may make a service connect to. Without named networks: public ones only.
 * Addresses are judged by their bytes, and so are IPv4 addresses that hide within IPv6 ones. This is the only list of
 * networks in the tree; the control plane and the services that connect apply the same one.
 */
export class AddressPolicy {
  private readonly allowed: readonly Network[];
  private readonly forbidden: readonly Network[];

  /** @throws Error naming the first entry that is no network in CIDR notation */
  constructor(private readonly networks: PolicyNetworks = {}) {
    this.allowed = toNetworks(networks.allowed ?? []);
    this.forbidden = toNetworks(networks.forbidden ?? []);
  }

  /** For addresses that only an operator sets: all but those that are never allowed. */
  static forOperators(): AddressPolicy {
    return new AddressPolicy({ allowed: ['0.0.0.0/0', '::/0'] });
  }

  /** This policy, with this machine and private networks besides. */
  withPrivateNetworks(): AddressPolicy {
    return new AddressPolicy({ ...this.networks, allowed: [...(this.networks.allowed ?? []), ...PRIVATE] });
  }

  /** This policy, less these networks. @throws Error naming the first entry that is no network in CIDR notation */
  without(forbidden: readonly string[]): AddressPolicy {
    return new AddressPolicy({ ...this.networks, forbidden: [...(this.networks.forbidden ?? []), ...forbidden] });
  }

  /** Does the operator name any network at all? */
  get namesNetworks(): boolean {
    return this.allowed.length > 0;
  }

  /** Why an address may not be connected to; `undefined` where it may. Completes "it is …". */
  refusalOf(address: IpAddress, use: Use = {}): string | undefined {
    for (const reading of readingsOf(address)) {
      const why = this.judge(reading, use);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  /** The same for text from a resolver or a setting, in any spelling; what is no address is refused. */
  refusalOfText(text: string, use: Use = {}): string | undefined {
    const host = hostOf(text);
    return host && 'address' in host ? this.refusalOf(host.address, use) : 'no address';
  }

  private judge(address: IpAddress, { plain = false }: Use): string | undefined {
    if (this.forbidden.some((network) => contains(network, address))) return 'in a network that the operator forbids';
    const named = this.allowed.filter((network) => contains(network, address));
    const special = specialNetworkOf(address);
    // A setting of 169.254.0.0/16 does not include the metadata service in it.
    if (special?.never) return named.some((network) => isWithin(network, special.network)) ? undefined : special.what;
    if (named.length > 0) return undefined;
    return special?.what ?? (plain ? 'not in a network that plain HTTP may use' : undefined);
  }
}
