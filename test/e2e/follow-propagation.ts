import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Installation, Propagation } from './installation.js';

const SUBSCRIPTION = `subscription ($id: ID!) { propagation(releaseId: $id) {
  desiredSeq applied rejected pending p95Ms summary receipts { instance state ms error } } }`;

/** Listens to how far a release gets until the subscription ends by itself, and returns what it said last. */
export async function followPropagation(installation: Installation, releaseId: string): Promise<Propagation> {
  const client = createClient({
    url: `${installation.parts.controlPlane.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${installation.token}` },
    retryAttempts: 0,
  });
  let last: Propagation | undefined;
  for await (const { data, errors } of client.iterate<{ propagation: Propagation }>({
    query: SUBSCRIPTION,
    variables: { id: releaseId },
  })) {
    if (errors) throw new Error(JSON.stringify(errors));
    last = data?.propagation;
  }
  await client.dispose();
  if (!last) throw new Error('the subscription said nothing');
  return last;
}
