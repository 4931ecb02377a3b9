import { BlockList, isIP } from 'node:net';
import { CACHE_BUSTERS, PROXY_DEFAULTS, type ProxyUpstreamBody } from '#contracts';
import { type NamedSecrets, receiverOf, secretFor, SecretRefused, UnknownSecret } from '../config/named-secrets.js';

/** An upstream, ready to be asked. */
export interface Upstream {
  readonly key: string;
  readonly base: URL;
  readonly windowMs: number;
  readonly timeoutMs: number;
  readonly cooldownMs: number;
  readonly silenceMs: number;
  readonly maxBytes: number;
  /** Lower-case names that are never sent on: volatile ones, and the one that the credential travels under. */
  readonly ignoredParameters: ReadonlySet<string>;
  readonly credential?: { readonly header?: string; readonly query?: string; readonly secret: string };
  readonly mayBePrivate: boolean;
  /** May this canonical path below the base be asked for? */
  allows(path: string): boolean;
}

/** What an upstream's config leaves to the machine that it runs on. */
export interface UpstreamEnvironment {
  /** Addresses of this machine and of private networks may be upstreams: for development and tests. */
  readonly allowPrivate: boolean;
  /** Variables that begin with {@link PROXY_SECRET_PREFIX}, with the hosts that each may be sent to. */
  readonly secrets: NamedSecrets;
}

/** The config of an upstream cannot be put to work here; the message may be shown to operators. */
export class UnusableUpstream extends Error {}

/** The credential of an upstream may not be sent to it; the other upstreams are not to blame. */
export class RefusedCredential extends UnusableUpstream {}

/** @throws UnusableUpstream */
export function compileUpstream(key: string, body: ProxyUpstreamBody, { allowPrivate, secrets }: UpstreamEnvironment): Upstream {
  const base = new URL(body.baseUrl);
  if (!allowPrivate && (base.protocol !== 'https:' || isPrivateHost(base.hostname))) {
    throw new UnusableUpstream(`proxy-upstream ${key}: baseUrl must be https and public here; PROXY_ALLOW_PRIVATE=true allows this machine and private networks`);
  }
  const { header, query, variable } = body.credential ?? {};
  const secret = variable === undefined ? undefined : secretOf(key, variable, base, secrets);
  return {
    key,
    base,
    windowMs: body.windowMs,
    timeoutMs: body.timeoutMs ?? PROXY_DEFAULTS.timeoutMs,
    cooldownMs: body.cooldownMs ?? PROXY_DEFAULTS.cooldownMs,
    silenceMs: body.silenceMs,
    maxBytes: body.maxBytes ?? PROXY_DEFAULTS.maxBytes,
    ignoredParameters: new Set([...(body.volatileParameters ?? CACHE_BUSTERS), ...(query === undefined ? [] : [query])].map((name) => name.toLowerCase())),
    ...(secret === undefined ? {} : { credential: { secret, ...(header === undefined ? {} : { header }), ...(query === undefined ? {} : { query }) } }),
    mayBePrivate: allowPrivate,
    allows: matcher(body.allow),
  };
}

/** @throws UnusableUpstream, RefusedCredential */
function secretOf(key: string, variable: string, base: URL, secrets: NamedSecrets): string {
  const secret = credentialFor(key, variable, base, secrets);
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(secret)) throw new UnusableUpstream(`proxy-upstream ${key}: the variable ${variable} must hold printable ASCII`);
  return secret;
}

function credentialFor(key: string, variable: string, base: URL, secrets: NamedSecrets): string {
  try {
    return secretFor(secrets, variable, receiverOf(base));
  } catch (error) {
    const unknown = error instanceof UnknownSecret;
    if (unknown) throw new UnusableUpstream(`proxy-upstream ${key}: the variable ${variable} is not set here`);
    throw error instanceof SecretRefused ? new RefusedCredential(`proxy-upstream ${key}: ${error.message}`) : error;
  }
}

/** Patterns are compared segment by segment: no pattern can make this slow. */
function matcher(patterns: readonly string[]): (path: string) => boolean {
  const split = patterns.map((pattern) => pattern.slice(1).split('/'));
  return (path) => {
    const segments = path.replace(/(?<=.)\/$/, '').slice(1).split('/');
    return split.some((pattern) => {
      const open = pattern.at(-1) === '**';
      const fixed = open ? pattern.slice(0, -1) : pattern;
      if (open ? segments.length < fixed.length : segments.length !== fixed.length) return false;
      return fixed.every((part, at) => part === '*' || part === segments[at]);
    });
  };
}

const PRIVATE = new BlockList();
for (const [network, bits] of [['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['224.0.0.0', 3]] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4');
}
for (const [network, bits] of [['::', 127], ['64:ff9b::', 96], ['fc00::', 7], ['fe80::', 10], ['ff00::', 8]] as const) PRIVATE.addSubnet(network, bits, 'ipv6');

/** Is this an address that only some machines can reach, or this one? Mapped IPv4 addresses count as what they map. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family === 0 || PRIVATE.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return /(?:^|\.)localhost$/.test(host) || (isIP(host) !== 0 && isPrivateAddress(host));
}
