/** Betfair's default endpoints. */
export const BETFAIR = {
  host: 'stream-api.betfair.com',
  port: 443,
  loginUrl: 'https://identitysso.betfair.com/api/login',
} as const;
