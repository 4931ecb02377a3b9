import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import type { AddressPolicy, Use } from './address-policy.js';
import { hostOf } from './ip-address.js';
import { OutboundError } from './outbound-error.js';
import { hostRefusal } from './url-refusal.js';

/** All addresses of a name, as `dns.lookup` finds them. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

const lookupAll = promisify(lookup);
const systemResolve: Resolve = (name) => lookupAll(name, { all: true, verbatim: false });

/**
 * Checks every connection to a host that config names. A name is resolved once; all of its addresses are checked, and the
 * connection goes to one of them, so that a second resolution cannot change the target (DNS rebinding). One address that
 * is not allowed refuses the name: such a name is no accident.
 */
export class AddressGuard {
  constructor(
    private readonly policy: AddressPolicy,
    private readonly resolve: Resolve = systemResolve,
  ) {}

  /** To be called before connecting: sockets resolve names with {@link lookup}, but not addresses. @throws OutboundError */
  assertAllowed(host: string, use: Use = {}): void {
    const why = hostRefusal(host, this.policy, use);
    if (why !== undefined) throw new OutboundError('URL_NOT_ALLOWED', `${JSON.stringify(host.slice(0, 100))} ${why}`);
  }

  /** The checked addresses of a host, for drivers that take an address. @throws OutboundError */
  async addressesOf(host: string, use: Use = {}): Promise<LookupAddress[]> {
    this.assertAllowed(host, use);
    const shown = JSON.stringify(host.slice(0, 100));
    const answers = await this.resolve(nameOf(host)).catch((error: unknown) => {
      throw new OutboundError('UNREACHABLE', `the host ${shown} is unknown`, { cause: error });
    });
    if (answers.some(({ address }) => this.policy.refusalOfText(address, use) !== undefined)) {
      const hint = 'the operator names networks besides public ones in OUTBOUND_ALLOWED_NETWORKS';
      throw new OutboundError('URL_NOT_ALLOWED', `${shown} leads to an address that may not be connected to; ${hint}`);
    }
    if (answers.length === 0) throw new OutboundError('UNREACHABLE', `the host ${shown} has no address`);
    return [...answers];
  }

  /** For `net.connect` and everything above it. */
  lookup(use: Use = {}): LookupFunction {
    return (host, { all }, callback) => {
      this.addressesOf(host, use).then(
        (addresses) => {
          const [first] = addresses;
          if (all === true) callback(null, addresses);
          else callback(null, first?.address ?? '', first?.family ?? 4);
        },
        (error: NodeJS.ErrnoException) => callback(error, ''),
      );
    };
  }
}

/** The input of the resolver: an address in its plain spelling, and a name unchanged. */
function nameOf(host: string): string {
  const read = hostOf(host);
  if (!read || 'name' in read) return host;
  const { family, value } = read.address;
  const parts = (count: number, bits: bigint, radix: number): string[] =>
    Array.from({ length: count }, (_, at) =>
      ((value >> (bits * BigInt(count - 1 - at))) & ((1n << bits) - 1n)).toString(radix),
    );
  return family === 4 ? parts(4, 8n, 10).join('.') : parts(8, 16n, 16).join(':');
}
