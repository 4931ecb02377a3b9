export { documentProblem } from './document-problem.js';
export type { GraphqlLimits } from './graphql-limits.js';
export { graphqlModule } from './graphql-module.js';
export { graphqlRoutes } from './graphql-routes.js';
export { readIntrospection } from './introspection-setting.js';
export { type Explain, presentError } from './present-error.js';
export { DateTimeScalar, JsonScalar } from './scalars.js';
export { printedSchema } from './serve-graphql-pages.js';
export { serveGraphql } from './serve-graphql.js';
export {
  headersOfSubscriber,
  SOCKET_CLOSE,
  type SocketRefusal,
  type Subscriber,
  SubscriptionSockets,
} from './sockets.js';
export { RETRY_AFTER_SECONDS } from './statuses.js';
