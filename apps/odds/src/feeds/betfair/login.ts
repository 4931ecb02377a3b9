import type { OutboundClient } from '@paddock/outbound';

/** An account that may use the API. */
export interface BetfairAccount {
  /** `https://identitysso.betfair.com/api/login` for interactive login, or the endpoint of the account's jurisdiction. */
  readonly loginUrl: URL;
  readonly appKey: string;
  readonly username: string;
  readonly password: string;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1 << 20;

/** Keeps a session token, and logs in when it has none or Betfair no longer accepts it. */
export function betfairSession(
  outbound: OutboundClient,
  { loginUrl, appKey, username, password }: BetfairAccount,
): (renew: boolean) => Promise<string> {
  let token: string | undefined;
  return async (renew) => {
    if (token && !renew) return token;
    const response = await outbound.send(loginUrl, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
        'x-application': appKey,
      },
      body: new URLSearchParams({ username, password }).toString(),
      ...{ followWithinOrigin: true, wholeMs: TIMEOUT_MS },
    });
    const answer: unknown = JSON.parse((await response.read(MAX_BYTES)).toString());
    token = tokenOf(answer);
    return token;
  };
}

/** @throws Error with Betfair's reason; never with the credentials */
function tokenOf(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null) {
    if ('token' in answer && typeof answer.token === 'string' && answer.token !== '') return answer.token;
    if ('error' in answer && typeof answer.error === 'string') throw new Error(`Betfair login: ${answer.error}`);
  }
  throw new Error('Betfair login: no token in the answer');
}
