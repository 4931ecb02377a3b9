import type { IncomingMessage } from 'node:http';
import { canonicalAddress, type NetworkList, networkOf } from './addresses.js';
import { clientAddress, type ForwardingHeaders, isProxy, type TrustedProxies } from './trusted-proxies.js';

/** Who sent a request, as far as its connection and trusted proxies tell. */
export interface Client {
  /** Canonical. */
  readonly address: string;
  /** What limits count by. */
  readonly network: string;
  /** None of the limits applies. */
  readonly unlimited: boolean;
  /** Came it by TLS? */
  readonly secure: boolean;
}

/** The other end of a connection: a client, or a proxy that speaks for many. */
export interface Peer extends Client {
  readonly isProxy: boolean;
}

/** What proxies said of a request, kept for those who ask later; requests without a proxy are their connection's. */
const proxied = new WeakMap<IncomingMessage, Client>();

export function peerOf(remoteAddress: string | undefined, encrypted: boolean, trusted: TrustedProxies, unlimited: NetworkList | undefined): Peer {
  const address = canonicalAddress(remoteAddress ?? '') ?? 'unknown';
  return { ...clientAt(address, unlimited, encrypted), isProxy: address !== 'unknown' && isProxy(address, trusted) };
}

/** The client behind a proxy. */
export function clientBehind(peer: Peer, request: IncomingMessage, trusted: TrustedProxies, unlimited: NetworkList | undefined): Client {
  const known = proxied.get(request);
  if (known) return known;
  const headers: ForwardingHeaders = { xForwardedFor: textOf(request.headers['x-forwarded-for']), forwarded: textOf(request.headers.forwarded) };
  const client = clientAt(clientAddress(peer.address, headers, trusted), unlimited, peer.secure || cameByTls(textOf(request.headers['x-forwarded-proto']), headers.forwarded));
  proxied.set(request, client);
  return client;
}

/** The address that a request came from, behind trusted proxies that of the client. */
export function clientAddressOf(request: IncomingMessage): string {
  return proxied.get(request)?.address ?? canonicalAddress(request.socket.remoteAddress ?? '') ?? 'unknown';
}

/** The origin under which a request reached us: what a page of our own would send as `Origin`. */
export function ownOriginOf(request: IncomingMessage): string {
  const secure = proxied.get(request)?.secure ?? 'encrypted' in request.socket;
  return `${secure ? 'https' : 'http'}://${request.headers.host ?? ''}`.toLowerCase();
}

function clientAt(address: string, unlimited: NetworkList | undefined, secure: boolean): Client {
  return { address, network: address === 'unknown' ? address : networkOf(address), unlimited: address !== 'unknown' && unlimited?.has(address) === true, secure };
}

/** What the outermost proxy saw. A client that lies here deceives its own requests alone: pages cannot set these headers for others. */
function cameByTls(xForwardedProto: string | undefined, forwarded: string | undefined): boolean {
  if (xForwardedProto !== undefined) return xForwardedProto.split(',', 1)[0]?.trim().toLowerCase() === 'https';
  return /(?:^|;)\s*proto="?https/i.test(forwarded?.split(',', 1)[0] ?? '');
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
