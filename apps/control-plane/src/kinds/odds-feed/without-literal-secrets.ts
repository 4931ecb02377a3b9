import { literalSecretInHeader, literalSecretInUrl, type OddsFeedBody } from '@paddock/contracts';

/** Stands for a credential that an old revision or draft holds. */
export const HIDDEN_SECRET = '(hidden: a credential)';

/**
 * A feed as it may be shown. Bodies of before credentials were refused may hold some: revisions are immutable, so they
 * are hidden from every reader instead.
 */
export function withoutLiteralSecrets(feed: OddsFeedBody): OddsFeedBody {
  const { poller, betfair, uof } = feed.source;
  return {
    ...feed,
    source: {
      ...feed.source,
      ...(poller
        ? {
            poller: {
              ...poller,
              url: shownUrl(poller.url),
              ...(poller.headers ? { headers: poller.headers.map(shownHeader) } : {}),
            },
          }
        : {}),
      ...(betfair?.loginUrl === undefined ? {} : { betfair: { ...betfair, loginUrl: shownUrl(betfair.loginUrl) } }),
      ...(uof?.apiUrl === undefined ? {} : { uof: { ...uof, apiUrl: shownUrl(uof.apiUrl) } }),
    },
  };
}

function shownHeader<Header extends { name: string; value?: string }>(header: Header): Header {
  const { name, value } = header;
  return value === undefined || literalSecretInHeader(name, value) === undefined
    ? header
    : { ...header, value: HIDDEN_SECRET };
}

function shownUrl(text: string): string {
  return literalSecretInUrl(text) === undefined ? text : `${URL.parse(text)?.origin ?? ''}/${HIDDEN_SECRET}`;
}
