import type { ApolloServerPlugin } from '@apollo/server';

/** An answer without data has the HTTP status of its first error, so that caches and load balancers see what happened. */
export const statuses: ApolloServerPlugin = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse: ({ response, errors }) => {
        response.http.headers.set('cache-control', 'no-store');
        const http = errors?.[0]?.extensions['http'];
        const status = typeof http === 'object' && http !== null && 'status' in http ? http.status : undefined;
        const hasData = response.body.kind === 'single' && response.body.singleResult.data;
        if (!hasData && typeof status === 'number') response.http.status = status;
        return Promise.resolve();
      },
    }),
};
