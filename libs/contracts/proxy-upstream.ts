/** What the name of an environment variable begins with that an upstream's credential may be read from: no other can be named in config. */
export const PROXY_SECRET_PREFIX = 'PROXY_SECRET_';

/** Parameters that frontends add so that no cache answers; they say nothing of what is asked for. */
export const CACHE_BUSTERS: readonly string[] = ['_', 'cb', 'cachebuster', 'nocache', 'rand'];

/** How an upstream knows us: exactly one of `header` and `query`, and the variable of the odds service that holds the secret. */
export interface UpstreamCredential {
  header?: string;
  query?: string;
  variable: string;
}

/** A third party's API that clients read through the proxy. The document's key is its name in `/v1/proxy/{upstream}/…`. */
export interface ProxyUpstreamBody {
  /** `https://api.example.com/v4`; plain HTTP only on this machine. */
  baseUrl: string;
  /** The upstream is asked at most once in such a window for one thing, however many callers there are. */
  windowMs: number;
  /** How long one request may take; absent, {@link PROXY_DEFAULTS}. */
  timeoutMs?: number;
  /** How long it is left in peace after three failures in a row. */
  cooldownMs?: number;
  /** Age above which what it said is shown to nobody. */
  silenceMs: number;
  /** Size of the largest answer that is taken. */
  maxBytes?: number;
  /** Query parameters that do not change the answer: never sent on, and no part of what names an answer. Absent: {@link CACHE_BUSTERS}. */
  volatileParameters?: string[];
  credential?: UpstreamCredential;
  /** Paths below `baseUrl` that may be asked for; `*` stands for one whole segment, `**` at the end for all that follows. */
  allow: string[];
}

/** What counts where an upstream does not say. */
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
