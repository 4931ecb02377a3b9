import type { ApolloServerPlugin } from '@apollo/server';

/** HTTP status of an answer that has no data, by the code of its first error. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  TOKEN_INVALID: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  QUERY_TOO_COMPLEX: 400,
  INTERNAL: 500,
  UNAVAILABLE: 503,
};

/** `Retry-After` of answers with 503, in seconds. */
export const RETRY_AFTER_SECONDS = '1';

/**
 * An answer without data has the HTTP status of its first error, so that caches and load balancers see what happened. An
 * error may bring its status in `extensions.http.status`; otherwise its code decides.
 */
export const statuses: ApolloServerPlugin = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse: ({ response: { http, body }, errors }) => {
        http.headers.set('cache-control', 'no-store');
        if (body.kind !== 'single') return Promise.resolve();
        const { data, errors: shown } = body.singleResult;
        const answered = Object.values(data ?? {}).some((value) => value !== null);
        const code = shown?.[0]?.extensions?.['code'];
        const byCode = typeof code === 'string' ? STATUS_OF_CODE[code] : undefined;
        const status = answered ? undefined : (byCode ?? ownStatus(errors?.[0]?.extensions['http']));
        if (status !== undefined) http.status = status;
        if (status === 503) http.headers.set('retry-after', RETRY_AFTER_SECONDS);
        return Promise.resolve();
      },
    }),
};

function ownStatus(http: unknown): number | undefined {
  if (typeof http !== 'object' || http === null || !('status' in http)) return undefined;
  return typeof http.status === 'number' ? http.status : undefined;
}
