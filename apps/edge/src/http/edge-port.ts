import type { IncomingMessage } from 'node:http';
import { Cors, GRAPHQL_REQUEST_HEADERS, HttpPort, RequestLimits, shownKey } from '@paddock/http-server';
import type { EdgeSettings } from '../settings.js';

const METHODS = 'GET, HEAD, POST, OPTIONS';
const REQUEST_HEADERS = `Paddock-Client-Key, If-None-Match, Last-Event-ID, Content-Type, X-Request-Id, Traceparent, ${GRAPHQL_REQUEST_HEADERS}`;

/** The port of an edge, and what layouts have of their own: they are answered before any framework and any other limit. */
export interface EdgePort {
  readonly port: HttpPort;
  readonly layouts: { readonly limits: RequestLimits; readonly cors: Cors };
}

/**
 * Frontends of any origin may read unless origins are listed: an edge knows no cookie and no other ambient credential,
 * so a page learns nothing that its author could not request directly.
 */
export function edgePort({ http, readsPerSecond }: EdgeSettings): EdgePort {
  const origins = http.allowedOrigins.length > 0 ? http.allowedOrigins : 'any';
  const policy = { origins, methods: METHODS, requestHeaders: REQUEST_HEADERS, credentials: false } as const;
  const cors = new Cors({ ...policy, exposedHeaders: 'ETag, Link, Paddock-Seq, Retry-After, X-Request-Id' });
  return {
    port: new HttpPort(http, { cors, resources: 'cross-origin', keyOf }),
    layouts: {
      limits: new RequestLimits({ requestsPerSecond: readsPerSecond, requestsPerSecondPerKey: readsPerSecond }),
      cors: new Cors({
        ...policy,
        methods: 'GET, HEAD, OPTIONS',
        requestHeaders: 'Paddock-Client-Key, If-None-Match, X-Request-Id, Traceparent',
        exposedHeaders: 'ETag, Paddock-Seq, Retry-After, X-Request-Id',
      }),
    },
  };
}

/** Browsers cannot set headers of event streams and sockets: there the key is in the query, or a subprotocol. */
function keyOf(request: IncomingMessage): string | undefined {
  const { url = '', headers } = request;
  const [, inProtocol] = /(?:^|,)\s*key\.([^,\s]+)/.exec(headers['sec-websocket-protocol'] ?? '') ?? [];
  const inQuery = url.includes('clientKey=') ? new URLSearchParams(url.split('?')[1] ?? '').get('clientKey') : null;
  return shownKey(request) ?? inProtocol ?? inQuery ?? undefined;
}
