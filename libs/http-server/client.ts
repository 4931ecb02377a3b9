import type { IncomingMessage } from 'node:http';
import { canonicalAddress, type NetworkList, networkOf } from './addresses.js';
import { clientAddress, type ForwardingHeaders, isProxy, type TrustedProxies } from './trusted-proxies.js';

/** The sender of a request, from its connection and trusted proxies. */
export interface Client {
  /** Canonical. */
  readonly address: string;
  /** The key of per-client limits. */
  readonly network: string;
  /** None of the limits applies. */
  readonly unlimited: boolean;
  /** Did the request come over TLS? */
  readonly secure: boolean;
}

/** The other end of a connection: a client, or a proxy that speaks for many. */
export interface Peer extends Client {
  readonly isProxy: boolean;
}

/** The proxies that are trusted, and the clients without limits. */
export interface ClientPolicy {
  readonly trusted: TrustedProxies;
  readonly unlimited: NetworkList | undefined;
}

/** The address of a connection that has ended already. */
const UNKNOWN = 'unknown';

/** The clients of proxied requests, cached per request; requests without a proxy belong to their connection. */
const proxied = new WeakMap<IncomingMessage, Client>();

export function peerOf(
  remoteAddress: string | undefined,
  encrypted: boolean,
  { trusted, unlimited }: ClientPolicy,
): Peer {
  const address = canonicalAddress(remoteAddress ?? '') ?? UNKNOWN;
  return { ...clientAt(address, unlimited, encrypted), isProxy: address !== UNKNOWN && isProxy(address, trusted) };
}

/** The client behind a proxy. */
export function clientBehind(peer: Peer, request: IncomingMessage, { trusted, unlimited }: ClientPolicy): Client {
  const known = proxied.get(request);
  if (known) return known;
  const header = (name: string): string | undefined => textOf(request.headers[name]);
  const headers: ForwardingHeaders = { xForwardedFor: header('x-forwarded-for'), forwarded: header('forwarded') };
  const secure = peer.secure || cameByTls(header('x-forwarded-proto'), headers.forwarded);
  const client = clientAt(clientAddress(peer.address, headers, trusted), unlimited, secure);
  proxied.set(request, client);
  return client;
}

/** The address that a request came from, behind trusted proxies that of the client. */
export function clientAddressOf(request: IncomingMessage): string {
  return proxied.get(request)?.address ?? canonicalAddress(request.socket.remoteAddress ?? '') ?? UNKNOWN;
}

/** The origin under which a request reached us: what a page of our own would send as `Origin`. */
export function ownOriginOf(request: IncomingMessage): string {
  const secure = proxied.get(request)?.secure ?? 'encrypted' in request.socket;
  return `${secure ? 'https' : 'http'}://${request.headers.host ?? ''}`.toLowerCase();
}

function clientAt(address: string, unlimited: NetworkList | undefined, secure: boolean): Client {
  if (address === UNKNOWN) return { address, network: address, unlimited: false, secure };
  return { address, network: networkOf(address), unlimited: unlimited?.has(address) === true, secure };
}

/**
 * The scheme and host that the outermost proxy saw. A client that forges them affects its own requests alone: pages
 * cannot set these headers for others.
 */
function cameByTls(xForwardedProto: string | undefined, forwarded: string | undefined): boolean {
  if (xForwardedProto !== undefined) return xForwardedProto.split(',', 1)[0]?.trim().toLowerCase() === 'https';
  return /(?:^|;)\s*proto="?https/i.test(forwarded?.split(',', 1)[0] ?? '');
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
