import { CACHE_BUSTERS, PROXY_DEFAULTS, type ProxyUpstreamBody } from '@paddock/contracts';
import { type AddressPolicy, destinationProblems, upstreamDestinations } from '@paddock/outbound';
import { type NamedSecrets, receiverOf, secretFor, SecretRefused, UnknownSecret } from '../config/named-secrets.js';

/** An upstream with its compiled config. */
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
  /** May this canonical path below the base be asked for? */
  allows(path: string): boolean;
}

/** The part of an upstream's config that comes from the environment of the process. */
export interface UpstreamEnvironment {
  /** Where upstreams may be. */
  readonly policy: AddressPolicy;
  /** Variables that begin with {@link PROXY_SECRET_PREFIX}, with the hosts that each may be sent to. */
  readonly secrets: NamedSecrets;
}

/** The config of an upstream cannot be used here; the message may be shown to operators. */
export class UnusableUpstream extends Error {}

/** @throws UnusableUpstream */
export function compileUpstream(
  key: string,
  body: ProxyUpstreamBody,
  { policy, secrets }: UpstreamEnvironment,
): Upstream {
  const base = new URL(body.baseUrl);
  const [forbidden] = destinationProblems(upstreamDestinations(body), policy);
  if (forbidden) throw new UnusableUpstream(`proxy-upstream ${key}: ${forbidden.path} ${forbidden.message}`);
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
    ignoredParameters: new Set(
      [...(body.volatileParameters ?? CACHE_BUSTERS), ...(query === undefined ? [] : [query])].map((name) =>
        name.toLowerCase(),
      ),
    ),
    ...(secret === undefined
      ? {}
      : {
          credential: {
            secret,
            ...(header === undefined ? {} : { header }),
            ...(query === undefined ? {} : { query }),
          },
        }),
    allows: matcher(body.allow),
  };
}

/** @throws UnusableUpstream */
function secretOf(key: string, variable: string, base: URL, secrets: NamedSecrets): string {
  const secret = credentialFor(key, variable, base, secrets);
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(secret))
    throw new UnusableUpstream(`proxy-upstream ${key}: the variable ${variable} must hold printable ASCII`);
  return secret;
}

function credentialFor(key: string, variable: string, base: URL, secrets: NamedSecrets): string {
  try {
    return secretFor(secrets, variable, receiverOf(base));
  } catch (error) {
    const unknown = error instanceof UnknownSecret;
    if (unknown) throw new UnusableUpstream(`proxy-upstream ${key}: the variable ${variable} is not set here`);
    throw error instanceof SecretRefused ? new UnusableUpstream(`proxy-upstream ${key}: ${error.message}`) : error;
  }
}

/** Patterns are compared segment by segment: no pattern can make this slow. */
function matcher(patterns: readonly string[]): (path: string) => boolean {
  const split = patterns.map((pattern) => pattern.slice(1).split('/'));
  return (path) => {
    const segments = path
      .replace(/(?<=.)\/$/, '')
      .slice(1)
      .split('/');
    return split.some((pattern) => {
      const open = pattern.at(-1) === '**';
      const fixed = open ? pattern.slice(0, -1) : pattern;
      if (open ? segments.length < fixed.length : segments.length !== fixed.length) return false;
      return fixed.every((part, at) => part === '*' || part === segments[at]);
    });
  };
}
