import type { ApolloServerPlugin } from '@apollo/server';
import { RETRY_AFTER_SECONDS, STATUS_OF_CODE } from './errors.js';
import { costProblem } from './limits.rule.js';
import type { RequestScope } from './request-scope.js';

/** Refuses operations that cost too much, and gives answers without data the HTTP status of their first error. */
export const operationChecks: ApolloServerPlugin<RequestScope> = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ schema, document, request }) => {
        const problem = costProblem(schema, document, request.operationName, request.variables);
        return problem ? Promise.reject(problem) : Promise.resolve();
      },
      willSendResponse: ({ response }) => {
        response.http.headers.set('cache-control', 'no-store');
        if (response.body.kind !== 'single') return Promise.resolve();
        const { data, errors } = response.body.singleResult;
        const code = errors?.[0]?.extensions?.code;
        const answered = Object.values(data ?? {}).some((value) => value !== null);
        const status = answered || typeof code !== 'string' ? undefined : STATUS_OF_CODE[code];
        if (status) response.http.status = status;
        if (status === 503) response.http.headers.set('retry-after', RETRY_AFTER_SECONDS);
        return Promise.resolve();
      },
    }),
};
