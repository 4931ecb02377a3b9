/** Where Betfair is asked, unless a feed says otherwise. */
export const BETFAIR = {
  host: 'stream-api.betfair.com',
  port: 443,
  loginUrl: 'https://identitysso.betfair.com/api/login',
} as const;
