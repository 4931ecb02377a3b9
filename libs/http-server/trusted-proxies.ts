import { canonicalAddress, NetworkList } from './addresses.js';

/** Which of the addresses that a request names are trusted: a number of hops from here, or those in given networks. */
export type TrustedProxies = { readonly hops: number } | { readonly networks: NetworkList };

/** No proxy in front: the peer is the client. */
export const NO_PROXIES: TrustedProxies = { hops: 0 };

const MAX_HOPS = 16;

/** Reads `TRUSTED_PROXIES`: a number of hops, or networks and addresses. @returns `undefined` for anything else */
export function parseTrustedProxies(text: string): TrustedProxies | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= MAX_HOPS ? { hops: Number(text) } : undefined;
  const networks = NetworkList.parse(text);
  return networks && { networks };
}

/** The headers in which proxies name the addresses before them. Node joins repeated headers with commas. */
export interface ForwardingHeaders {
  readonly xForwardedFor: string | undefined;
  /** RFC 7239. */
  readonly forwarded: string | undefined;
}

/** Is this peer trusted to name the client's address? */
export function isProxy(peer: string, trusted: TrustedProxies): boolean {
  return 'hops' in trusted ? trusted.hops > 0 : trusted.networks.has(peer);
}

/**
 * The address of the client, read from the right: each proxy adds the address that it saw at the end, so entries further
 * left than those of trusted proxies were written by the client and may be anything. Where both headers are present and
 * disagree, one of them came from the client: then only the address of the peer is certain.
 *
 * @param peer the canonical address of the connection
 */
export function clientAddress(
  peer: string,
  { xForwardedFor, forwarded }: ForwardingHeaders,
  trusted: TrustedProxies,
): string {
  if (!isProxy(peer, trusted)) return peer;
  const one = xForwardedFor === undefined ? undefined : walk(peer, xForwardedFor.split(','), trusted);
  const other = forwarded === undefined ? undefined : walk(peer, forwarded.split(',').map(forOf), trusted);
  if (one !== undefined && other !== undefined) return one === other ? one : peer;
  return one ?? other ?? peer;
}

function walk(peer: string, chain: readonly string[], trusted: TrustedProxies): string {
  let client = peer;
  for (let hop = 1; hop <= chain.length; hop += 1) {
    if ('hops' in trusted ? hop > trusted.hops : !trusted.networks.has(client)) break;
    const before = addressOf(chain[chain.length - hop] ?? '');
    // `unknown`, an obfuscated name or garbage: entries further left are not trustworthy.
    if (before === undefined) break;
    client = before;
  }
  return client;
}

/** The address in an entry: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`. */
function addressOf(entry: string): string | undefined {
  const text = entry.trim();
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+)(?::\d+)?)$/.exec(text) ?? [];
  return canonicalAddress(bracketed ?? dotted ?? text);
}

/** The `for` of one element of `Forwarded`. */
function forOf(element: string): string {
  const [, quoted, plain] = /(?:^|;)\s*for=(?:"([^"]*)"|([^;"\s]*))/i.exec(element) ?? [];
  return quoted ?? plain ?? '';
}
