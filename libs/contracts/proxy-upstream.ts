/** Prefix of the environment variables that hold credentials of upstreams: config can name no other variable. */
export const PROXY_SECRET_PREFIX = 'PROXY_SECRET_';

/** Parameters that frontends add to bypass caches; they do not change the answer. */
export const CACHE_BUSTERS: readonly string[] = ['_', 'cb', 'cachebuster', 'nocache', 'rand'];

/** How an upstream authenticates us: exactly one of `header` and `query`, and the variable of the odds service that holds the secret. */
export interface UpstreamCredential {
  header?: string;
  query?: string;
  variable: string;
}

/** A third party's API that clients read through the proxy. The document's key is its name in `/v1/proxy/{upstream}/…`. */
export interface ProxyUpstreamBody {
  /** `https://api.example.com/v4`; plain HTTP only on this machine. */
  baseUrl: string;
  /** The upstream gets each question at most once per window, however many callers ask. */
  windowMs: number;
  /** How long one request may take; absent, {@link PROXY_DEFAULTS}. */
  timeoutMs?: number;
  /** The cooldown after three failures in a row. */
  cooldownMs?: number;
  /** Age above which an answer is not shown to any caller. */
  silenceMs: number;
  /** Size of the largest accepted answer. */
  maxBytes?: number;
  /** Query parameters that do not change the answer: never sent on, and not part of its cache key. Absent: {@link CACHE_BUSTERS}. */
  volatileParameters?: string[];
  credential?: UpstreamCredential;
  /** Paths below `baseUrl` that may be requested; `*` stands for one whole segment, `**` at the end for all that follows. */
  allow: string[];
}

/** The defaults of an upstream's limits. */
export const PROXY_DEFAULTS = { timeoutMs: 5_000, cooldownMs: 60_000, maxBytes: 1 << 20 } as const;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Is this host the machine itself? */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** Why a text cannot be an upstream's `baseUrl`; `undefined` where it can. */
export function baseUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is no URL, expected one such as https://api.example.com/v4';
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname)))
    return 'must begin with https:// (http:// only for this machine)';
  if (url.username !== '' || url.password !== '') return 'must hold no credentials; name a variable in credential';
  if (url.search !== '' || url.hash !== '') return 'must end with its path, without ? and #';
  return undefined;
}

/** Why a text cannot be a member of `allow`; `undefined` where it can. */
export function pathPatternProblem(pattern: string): string | undefined {
  if (!pattern.startsWith('/')) return 'must begin with /';
  const segments = pattern.slice(1).split('/');
  if (segments.some((segment) => segment === '.' || segment === '..' || (segment === '' && pattern !== '/')))
    return 'must have no empty segment, . or ..';
  if (segments.slice(0, -1).includes('**')) return 'may have ** only at its end';
  if (segments.some((segment) => segment.includes('*') && segment !== '*' && segment !== '**'))
    return 'may have * only as a whole segment';
  if (/[^\x21-\x7e]|[?#\\%]/.test(pattern)) return 'must be printable ASCII without ? # \\ and %';
  return undefined;
}
