import type { OutboundClient } from '@paddock/outbound';

/** Sportradar refuses this very request; without `after` it may accept one. */
export class RecoveryRejected extends Error {}

/** Refused whatever is asked for: no access, too late, too often. */
const NOT_OF_THE_REQUEST: ReadonlySet<number> = new Set([401, 408, 429]);

const TIMEOUT_MS = 10_000;

/** Sportradar's names of its producers in addresses. */
const PRODUCERS: Readonly<Record<number, string>> = {
  1: 'liveodds',
  3: 'pre',
  4: 'betpal',
  5: 'premium_cricket',
  6: 'vf',
  7: 'wns',
};

/** Asks Sportradar's API for a recovery; where there is no API, recoveries come by themselves. */
export function recoveryRequests(
  outbound: OutboundClient,
  apiUrl: string | undefined,
  accessToken: string | undefined,
) {
  return async (product: number, requestId: number, after: number | undefined): Promise<void> => {
    if (!apiUrl) return;
    const url = new URL(
      `${apiUrl.replace(/\/$/, '')}/${PRODUCERS[product] ?? String(product)}/recovery/initiate_request`,
    );
    url.searchParams.set('request_id', String(requestId));
    if (after !== undefined) url.searchParams.set('after', String(after));
    const response = await outbound.send(url, {
      method: 'POST',
      headers: accessToken ? { 'x-access-token': accessToken } : {},
      ...{ followWithinOrigin: true, wholeMs: TIMEOUT_MS },
    });
    response.discard();
    if (response.ok) return;
    const { status } = response;
    const rejected = status >= 400 && status < 500 && !NOT_OF_THE_REQUEST.has(status);
    throw new (rejected ? RecoveryRejected : Error)(`Sportradar answered ${status}`);
  };
}
