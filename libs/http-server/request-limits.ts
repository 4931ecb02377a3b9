import type { IncomingHttpHeaders } from 'node:http';
import { clientKeyOf } from './client-keys.js';
import type { Client } from './client.js';
import { type Problem, tryAgain } from './problem.js';
import { TokenBuckets } from './token-buckets.js';

/** Two seconds' worth may come at once: a page asks for many things when it opens. */
const BURST_SECONDS = 2;
/** Keys are shorter; a longer value is no key, and is not kept. */
const MAX_KEY_LENGTH = 200;
/** Wrong keys that one address may show at once, and then each second. */
const FAILURES = { perSecond: 1, burst: 100 };

/** Rates of requests; 0 switches one off. */
export interface RequestRates {
  readonly requestsPerSecond: number;
  readonly requestsPerSecondPerKey: number;
}

/** How often one client address, and one key from wherever, may ask. */
export class RequestLimits {
  private readonly addresses: TokenBuckets;
  private readonly keys: TokenBuckets;
  private readonly failures = new TokenBuckets(FAILURES);

  constructor(private readonly rates: RequestRates) {
    const rateOf = (perSecond: number) => ({ perSecond, burst: perSecond * BURST_SECONDS });
    this.addresses = new TokenBuckets(rateOf(rates.requestsPerSecond));
    this.keys = new TokenBuckets(rateOf(rates.requestsPerSecondPerKey));
  }

  /** Counts a request. @returns 429 where there were too many */
  refusalOf(client: Client, key: string | undefined, now: number): Problem | undefined {
    if (client.unlimited) return undefined;
    const { requestsPerSecond, requestsPerSecondPerKey } = this.rates;
    const waitMs = this.addresses.take(this.addresses.meterOf(client.network), now);
    if (waitMs > 0)
      return tryAgain(429, 'RATE_LIMITED', `one address may send ${requestsPerSecond} requests a second`, waitMs);
    if (key === undefined || key.length > MAX_KEY_LENGTH) return undefined;
    const keyWaitMs = this.keys.take(this.keys.meterOf(key), now);
    if (keyWaitMs === 0) return undefined;
    return tryAgain(
      429,
      'RATE_LIMITED',
      `one key may be used for ${requestsPerSecondPerKey} requests a second`,
      keyWaitMs,
    );
  }

  /**
   * Counts a request whose key or token was wrong. Such a request is refused in any case, so clients with a valid key are
   * never affected by an attacker at the same address.
   * @returns 429 instead of 401 where there were too many
   */
  failureOf(client: Client, now: number): Problem | undefined {
    if (client.unlimited) return undefined;
    const waitMs = this.failures.take(this.failures.meterOf(client.network), now);
    return waitMs > 0
      ? tryAgain(429, 'TOO_MANY_WRONG_KEYS', 'too many wrong keys came from this address', waitMs)
      : undefined;
  }
}

/** The credential of a request: a client key or the value of `Authorization`. */
export function shownKey({ headers }: { readonly headers: IncomingHttpHeaders }): string | undefined {
  return clientKeyOf(headers) ?? headers.authorization;
}
