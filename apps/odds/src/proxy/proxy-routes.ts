import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ClientKeySettings } from '@paddock/contracts';
import { answerProblem, clientKeyOf, Problem } from '@paddock/http-server';
import { encodingFor, type Logger, matchesEtag } from '@paddock/runtime';
import type { ClientKeys } from '../http/client-keys.js';
import { CallerLeft } from './flight.js';
import type { FailureCode } from './outcome.js';
import { NotServed, type Proxy, type Served } from './proxy.js';
import { PROXY_PATH, questionOf } from './question.js';
import { PackedBodies, type Packed } from './packed-bodies.js';
import type { Question } from './state/shared-state.js';
import type { Upstream } from './upstream.js';

/** The collaborators of the routes. */
export interface ProxyParts {
  readonly proxy: Proxy;
  readonly keys: ClientKeys;
  readonly upstream: (key: string) => Upstream | undefined;
  readonly logger: Logger;
  /** Counts an answer to a client with a key. */
  readonly onServed: (client: ClientKeySettings, upstream: string, what: Served['freshness'] | FailureCode) => void;
}

const ALLOW = 'GET, HEAD, OPTIONS';

/** `GET /v1/proxy/{upstream}/…`: a third party's API, asked once for all. */
export function serveProxy(fastify: FastifyInstance, parts: ProxyParts): void {
  const bodies = new PackedBodies();
  fastify.all(`${PROXY_PATH}*`, {
    errorHandler: answerProblem(parts.logger),
    // Checked before a body is read, because no request here needs one.
    onRequest: (request, reply, done) => {
      if (request.method === 'GET' || request.method === 'HEAD') done();
      else if (request.method === 'OPTIONS') void reply.code(204).header('allow', ALLOW).send();
      else
        done(
          new Problem(405, 'METHOD_NOT_ALLOWED', 'what a third party knows can only be read here', {
            headers: { allow: ALLOW },
          }),
        );
    },
    handler: (request, reply) => answer(request, reply, parts, bodies),
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { proxy, keys, upstream, onServed }: ProxyParts,
  bodies: PackedBodies,
): Promise<FastifyReply> {
  const client = keys.authorize(clientKeyOf(request.headers), 'proxy');
  const question = questionOf(request.raw.url ?? '', upstream);
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  try {
    const served = await proxy.read(question, gone.signal);
    onServed(client, question.upstream.key, served.freshness);
    const packed = await bodies.read(served.answer, encodingFor(request.headers['accept-encoding']));
    return send(request, reply, question, served, packed);
  } catch (error) {
    // The client has disconnected.
    if (error instanceof CallerLeft) return reply.code(499).send();
    if (!(error instanceof NotServed)) throw error;
    onServed(client, question.upstream.key, error.failure.code);
    throw problemOf(question, error);
  }
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { upstream }: Question,
  { answer: { status, headers, window }, freshness, ageMs, failure }: Served,
  { body, etag, encoding }: Packed,
): FastifyReply {
  // The next window has another answer, so no cache on the way may keep this one beyond its window.
  const leftMs = freshness === 'STALE' ? 0 : Math.max(0, (window + 1) * upstream.windowMs - Date.now());
  reply.headers({
    age: String(Math.floor(ageMs / 1_000)),
    'paddock-data-age-ms': String(ageMs),
    'paddock-cache': freshness,
    'cache-control': `private, max-age=${Math.floor(leftMs / 1_000)}, must-revalidate`,
    vary: 'Accept-Encoding, Paddock-Client-Key',
    ...(status === 200 ? { etag } : {}),
    ...(failure ? { 'paddock-upstream-problem': failure.code } : {}),
  });
  if (status === 200 && matchesEtag(request.headers['if-none-match'], etag)) return reply.code(304).send();
  // The third party's answer is data: a browser must not run it.
  reply.headers({
    ...headers,
    ...(encoding ? { 'content-encoding': encoding } : {}),
    'content-length': String(body.length),
    'content-security-policy': "default-src 'none'; sandbox",
  });
  if (headers['content-type'] === undefined) reply.type('application/octet-stream');
  return reply.code(status).send(request.method === 'HEAD' ? '' : body);
}

/** The problem in place of an answer that may not be shown: why, and since when there has been no good answer. */
function problemOf({ upstream }: Question, { failure, lastGoodAt }: NotServed): Problem {
  const timedOut = failure.code === 'UPSTREAM_TIMEOUT';
  const badGateway =
    failure.code === 'UPSTREAM_DENIED' ||
    failure.code === 'UPSTREAM_REDIRECTS' ||
    failure.code === 'UPSTREAM_UNREADABLE' ||
    failure.code === 'UPSTREAM_TOO_LARGE';
  const retryMs = Math.max(0, failure.retryAt - Date.now());
  const known =
    lastGoodAt === undefined
      ? 'nothing is known from it'
      : `the last answer is of ${new Date(lastGoodAt).toISOString()}, which is too old to be shown`;
  return new Problem(timedOut ? 504 : badGateway ? 502 : 503, failure.code, `${failure.detail}; ${known}`, {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(retryMs / 1_000))) },
    upstream: upstream.key,
    lastGoodAt: lastGoodAt === undefined ? null : new Date(lastGoodAt).toISOString(),
    silenceMs: upstream.silenceMs,
    retryAt: new Date(failure.retryAt).toISOString(),
  });
}
