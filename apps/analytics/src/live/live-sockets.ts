import type { GraphQLSchema } from 'graphql';
import { headersOfSubscriber, SOCKET_CLOSE, type SocketRefusal, SubscriptionSockets } from '@paddock/graphql';
import type { Logger } from '@paddock/runtime';
import type { ApiKeys } from '../access/api-keys.js';
import { keyOf } from '../collector/producer-keys.js';
import { LIMITS } from '../graphql/graphql.module.js';

/** Subscriptions of clients that may read. Browsers send the key in `connection_init`, as `authorization` or `paddock-client-key`. */
export function liveSockets(schema: GraphQLSchema, keys: ApiKeys, logger: Logger): SubscriptionSockets {
  return new SubscriptionSockets({
    schema,
    limits: LIMITS,
    logger,
    admit: (subscriber) => refusalOf(keys, keyOf(headersOfSubscriber(subscriber), undefined)),
    contextOf: (subscriber) => ({ request: { headers: headersOfSubscriber(subscriber) } }),
  });
}

function refusalOf(keys: ApiKeys, key: string | undefined): SocketRefusal | undefined {
  const admitted = keys.admit(key, 'read');
  if (!('code' in admitted)) return undefined;
  const code = admitted.code === 'UNAUTHENTICATED' ? SOCKET_CLOSE.unauthorized : SOCKET_CLOSE.forbidden;
  return { code, reason: admitted.message };
}
