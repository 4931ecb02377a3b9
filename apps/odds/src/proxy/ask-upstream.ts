import { createHash } from 'node:crypto';
import { type OutboundClient, OutboundError, type OutboundResponse } from '@paddock/outbound';
import type { CanonicalTarget } from '@paddock/traffic';
import type { Answer, Failure, FailureCode, Outcome } from './outcome.js';
import { retryAfterMs } from './retry-after.js';
import type { Upstream } from './upstream.js';

/** The upstream's headers that are passed on: those that describe the body. */
const PASSED_ON = ['content-type', 'content-language', 'last-modified'] as const;

/** One request to an upstream. */
export interface UpstreamRequest {
  readonly outbound: OutboundClient;
  readonly upstream: Upstream;
  readonly target: CanonicalTarget;
  /** The window that it is sent in. */
  readonly window: number;
  /** The last known answer, which may be revalidated. */
  readonly previous: Answer | undefined;
  readonly signal: AbortSignal;
}

/** `waitMs` is the time that the upstream asks us to wait. */
type Fail = (code: FailureCode, detail: string, waitMs?: number) => Failure;

/** Ends the request before its answer is whole. */
class Refused extends Error {
  constructor(readonly failure: Failure) {
    super(failure.detail);
  }
}

/**
 * Asks an upstream once. Only the canonical URL of a client's request is sent, so one answer serves all clients. A
 * redirect is not followed: it could lead anywhere.
 * @returns the outcome; it rejects only when `signal` aborts
 */
export async function askUpstream(asked: UpstreamRequest): Promise<Outcome> {
  const { upstream, window, signal } = asked;
  const requestedAt = Date.now();
  const fail: Fail = (code, detail, waitMs) => {
    const at = Date.now();
    const retryAt = Math.max((window + 1) * upstream.windowMs, at + (waitMs ?? 0));
    return { code, detail, at, retryAt, ...(waitMs === undefined ? {} : { restUntil: at + waitMs }) };
  };
  try {
    const response = await send(asked);
    try {
      const refusal = refusalOf(response, upstream, fail);
      if (refusal) throw new Refused(refusal);
      return { ok: true, answer: await readAnswer(response, asked, requestedAt, fail) };
    } finally {
      response.discard();
    }
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, failure: error instanceof Refused ? error.failure : failureOf(error, upstream, fail) };
  }
}

/** Callers get the kind of failure only: neither the address of the upstream nor its answer. */
function failureOf(error: unknown, upstream: Upstream, fail: Fail): Failure {
  switch (error instanceof OutboundError ? error.code : undefined) {
    case 'TIMED_OUT':
      return fail('UPSTREAM_TIMEOUT', `the upstream did not answer within ${upstream.timeoutMs} ms`);
    case 'RESPONSE_TOO_LARGE':
      return fail('UPSTREAM_TOO_LARGE', `the answer has more than ${upstream.maxBytes} bytes`);
    case 'RESPONSE_UNREADABLE':
      return fail('UPSTREAM_UNREADABLE', 'the answer is packed in a way that was not asked for, or damaged');
    default:
      return fail('UPSTREAM_UNREACHABLE', 'the upstream cannot be reached, or broke off');
  }
}

function send({ outbound, upstream, target, previous, signal }: UpstreamRequest): Promise<OutboundResponse> {
  const { base, credential, timeoutMs } = upstream;
  const secret =
    credential?.query === undefined
      ? []
      : [`${encodeURIComponent(credential.query)}=${encodeURIComponent(credential.secret)}`];
  const query = [...(target.query === '' ? [] : [target.query]), ...secret].join('&');
  return outbound.send(base, {
    target: `${base.pathname.replace(/\/$/, '')}${target.path}${query === '' ? '' : `?${query}`}`,
    headers: {
      accept: '*/*',
      ...(credential?.header === undefined ? {} : { [credential.header]: credential.secret }),
      ...(previous?.validators.etag === undefined ? {} : { 'if-none-match': previous.validators.etag }),
      ...(previous?.validators.lastModified === undefined
        ? {}
        : { 'if-modified-since': previous.validators.lastModified }),
    },
    signal,
    ...{ connectMs: timeoutMs, firstByteMs: timeoutMs, wholeMs: timeoutMs },
  });
}

/** Why an answer cannot be used, by its status and headers. */
function refusalOf(
  { status: statusCode, headers }: OutboundResponse,
  upstream: Upstream,
  fail: Fail,
): Failure | undefined {
  const waitMs = retryAfterMs(headers['retry-after'], Date.now());
  if (statusCode === 429)
    return fail('UPSTREAM_THROTTLED', 'the upstream asks for fewer requests', waitMs ?? upstream.cooldownMs);
  if (statusCode === 503 && waitMs !== undefined)
    return fail('UPSTREAM_THROTTLED', 'the upstream asks to be left alone for a while', waitMs);
  if (statusCode >= 500 || statusCode === 408) return fail('UPSTREAM_ERROR', `the upstream answered ${statusCode}`);
  if (statusCode === 401 || statusCode === 403 || statusCode === 407)
    return fail('UPSTREAM_DENIED', `the upstream refuses our credential (${statusCode})`);
  if (statusCode !== 304 && statusCode >= 300 && statusCode < 400)
    return fail('UPSTREAM_REDIRECTS', `the upstream answered ${statusCode}: redirects are not followed`);
  if (statusCode < 200) return fail('UPSTREAM_UNREADABLE', `the upstream answered ${statusCode}`);
  return undefined;
}

async function readAnswer(
  response: OutboundResponse,
  { upstream, window, previous }: UpstreamRequest,
  requestedAt: number,
  fail: Fail,
): Promise<Answer> {
  const { status: statusCode, headers } = response;
  const age = /^\d{1,9}$/.test(headers.age ?? '') ? Number(headers.age) * 1_000 : 0;
  const times = { window, requestedAt, asOf: requestedAt - age };
  if (statusCode === 304) {
    if (!previous)
      throw new Refused(fail('UPSTREAM_UNREADABLE', 'the upstream says that nothing changed, but was not asked so'));
    return { ...previous, ...times };
  }
  const body = await response.read(upstream.maxBytes);
  const passed = Object.fromEntries(
    PASSED_ON.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );
  if (upstream.credential && echoes(body, passed, upstream.credential.secret))
    throw new Refused(fail('UPSTREAM_UNREADABLE', 'the upstream repeats our credential in its answer'));
  const hash = createHash('sha256')
    .update(`${statusCode} ${passed['content-type'] ?? ''}\n`)
    .update(body)
    .digest('base64url')
    .slice(0, 27);
  return {
    status: statusCode,
    headers: passed,
    body,
    etag: `"${hash}"`,
    validators:
      statusCode === 200
        ? {
            ...(headers.etag === undefined ? {} : { etag: headers.etag }),
            ...(headers['last-modified'] === undefined ? {} : { lastModified: headers['last-modified'] }),
          }
        : {},
    ...times,
  };
}

function echoes(body: Buffer, headers: Readonly<Record<string, string>>, secret: string): boolean {
  // A short secret such as `test` may appear in any answer by chance.
  return (
    secret.length >= 8 && (body.includes(secret) || Object.values(headers).some((value) => value.includes(secret)))
  );
}
