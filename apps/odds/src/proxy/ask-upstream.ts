import { createHash } from 'node:crypto';
import { lookup as resolve } from 'node:dns';
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { CanonicalTarget } from '#traffic';
import type { Answer, Failure, FailureCode, Outcome } from './outcome.js';
import { retryAfterMs } from './retry-after.js';
import { isPrivateAddress, type Upstream } from './upstream.js';

const AGENT = { keepAlive: true, maxSockets: 256, maxFreeSockets: 32 } as const;
const agents = { 'http:': new HttpAgent(AGENT), 'https:': new HttpsAgent(AGENT) };

/** All that goes on from an upstream's headers: what describes the body. Everything else is between it and us. */
const PASSED_ON = ['content-type', 'content-language', 'last-modified'] as const;

/** One request to an upstream. */
export interface UpstreamRequest {
  readonly upstream: Upstream;
  readonly target: CanonicalTarget;
  /** The window that it is sent in. */
  readonly window: number;
  /** What was known before: it may still hold. */
  readonly previous: Answer | undefined;
  readonly signal: AbortSignal;
}

/** `waitMs` is how long the upstream wants to be left alone. */
type Fail = (code: FailureCode, detail: string, waitMs?: number) => Failure;

/** Ends the request before its answer is whole. */
class Refused extends Error {
  constructor(readonly failure: Failure) {
    super(failure.detail);
  }
}

/**
 * Asks an upstream once. Nothing of any client's request goes along but the canonical URL, so one answer is as good for
 * all. A redirect is not followed: it could lead anywhere.
 * @returns the outcome; it rejects only when `signal` aborts
 */
export async function askUpstream(asked: UpstreamRequest): Promise<Outcome> {
  const { upstream, window, signal } = asked;
  const requestedAt = Date.now();
  const deadline = AbortSignal.timeout(upstream.timeoutMs);
  const fail: Fail = (code, detail, waitMs) => {
    const at = Date.now();
    const retryAt = Math.max((window + 1) * upstream.windowMs, at + (waitMs ?? 0));
    return { code, detail, at, retryAt, ...(waitMs === undefined ? {} : { restUntil: at + waitMs }) };
  };
  try {
    const response = await send(asked, AbortSignal.any([signal, deadline]));
    try {
      const refusal = refusalOf(response, upstream, fail);
      if (refusal) throw new Refused(refusal);
      return { ok: true, answer: await readAnswer(response, asked, requestedAt, fail) };
    } finally {
      // Read to its end it is unharmed; otherwise nobody will read it any more.
      if (!response.complete) response.destroy();
      else response.resume();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Refused) return { ok: false, failure: error.failure };
    if (deadline.aborted) return { ok: false, failure: fail('UPSTREAM_TIMEOUT', `the upstream did not answer within ${upstream.timeoutMs} ms`) };
    return { ok: false, failure: fail('UPSTREAM_UNREACHABLE', 'the upstream cannot be reached, or broke off') };
  }
}

async function send(asked: UpstreamRequest, signal: AbortSignal): Promise<IncomingMessage> {
  for (let attempt = 1; ; attempt += 1) {
    const pending = Promise.withResolvers<IncomingMessage>();
    const request = open(asked, signal);
    request.once('response', pending.resolve).once('error', pending.reject).end();
    try {
      return await pending.promise;
    } catch (error) {
      // The upstream had closed the idle connection before it could see the request.
      const unseen = request.reusedSocket && error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
      if (!unseen || attempt > 1 || signal.aborted) throw error;
    }
  }
}

function open({ upstream, target, previous }: UpstreamRequest, signal: AbortSignal) {
  const { base, credential } = upstream;
  const secret = credential?.query === undefined ? [] : [`${encodeURIComponent(credential.query)}=${encodeURIComponent(credential.secret)}`];
  const query = [...(target.query === '' ? [] : [target.query]), ...secret].join('&');
  const headers = {
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    'user-agent': 'Paddock',
    ...(credential?.header === undefined ? {} : { [credential.header]: credential.secret }),
    ...(previous?.validators.etag === undefined ? {} : { 'if-none-match': previous.validators.etag }),
    ...(previous?.validators.lastModified === undefined ? {} : { 'if-modified-since': previous.validators.lastModified }),
  };
  const options = {
    method: 'GET',
    hostname: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port,
    path: `${base.pathname.replace(/\/$/, '')}${target.path}${query === '' ? '' : `?${query}`}`,
    headers,
    signal,
    maxHeaderSize: 32 << 10,
    ...(upstream.mayBePrivate ? {} : { lookup: publicLookup }),
  };
  return base.protocol === 'https:' ? httpsRequest({ ...options, agent: agents['https:'] }) : httpRequest({ ...options, agent: agents['http:'] });
}

/** Names are looked at when they are resolved, so that none can point into our own networks. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error) callback(error, '');
    else if (!first || addresses.some(({ address }) => isPrivateAddress(address))) callback(new Error('the name does not lead to a public address'), '');
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** Why an answer is none, judged by its head. */
function refusalOf({ statusCode = 0, headers }: IncomingMessage, upstream: Upstream, fail: Fail): Failure | undefined {
  const waitMs = retryAfterMs(headers['retry-after'], Date.now());
  if (statusCode === 429) return fail('UPSTREAM_THROTTLED', 'the upstream asks for fewer requests', waitMs ?? upstream.cooldownMs);
  if (statusCode === 503 && waitMs !== undefined) return fail('UPSTREAM_THROTTLED', 'the upstream asks to be left alone for a while', waitMs);
  if (statusCode >= 500 || statusCode === 408) return fail('UPSTREAM_ERROR', `the upstream answered ${statusCode}`);
  if (statusCode === 401 || statusCode === 403 || statusCode === 407) return fail('UPSTREAM_DENIED', `the upstream refuses our credential (${statusCode})`);
  if (statusCode !== 304 && statusCode >= 300 && statusCode < 400) return fail('UPSTREAM_REDIRECTS', `the upstream answered ${statusCode}: redirects are not followed`);
  if (statusCode < 200) return fail('UPSTREAM_UNREADABLE', `the upstream answered ${statusCode}`);
  if (Number(headers['content-length']) > upstream.maxBytes) return fail('UPSTREAM_TOO_LARGE', `the answer has more than ${upstream.maxBytes} bytes`);
  return undefined;
}

async function readAnswer(response: IncomingMessage, { upstream, window, previous }: UpstreamRequest, requestedAt: number, fail: Fail): Promise<Answer> {
  const { statusCode = 0, headers } = response;
  const age = /^\d{1,9}$/.test(headers.age ?? '') ? Number(headers.age) * 1_000 : 0;
  const times = { window, requestedAt, asOf: requestedAt - age };
  if (statusCode === 304) {
    if (!previous) throw new Refused(fail('UPSTREAM_UNREADABLE', 'the upstream says that nothing changed, but was not asked so'));
    return { ...previous, ...times };
  }
  const body = await limited(decoded(response, fail), upstream.maxBytes, fail);
  const passed = Object.fromEntries(PASSED_ON.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
  if (upstream.credential && echoes(body, passed, upstream.credential.secret)) throw new Refused(fail('UPSTREAM_UNREADABLE', 'the upstream repeats our credential in its answer'));
  const hash = createHash('sha256').update(`${statusCode} ${passed['content-type'] ?? ''}\n`).update(body).digest('base64url').slice(0, 27);
  return {
    status: statusCode,
    headers: passed,
    body,
    etag: `"${hash}"`,
    validators: statusCode === 200 ? { ...(headers.etag === undefined ? {} : { etag: headers.etag }), ...(headers['last-modified'] === undefined ? {} : { lastModified: headers['last-modified'] }) } : {},
    ...times,
  };
}

function echoes(body: Buffer, headers: Readonly<Record<string, string>>, secret: string): boolean {
  // A word such as `test` may stand anywhere by chance.
  return secret.length >= 8 && (body.includes(secret) || Object.values(headers).some((value) => value.includes(secret)));
}

function decoded(response: IncomingMessage, fail: Fail): Readable {
  const coding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return response;
  const decoders: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress };
  const decoder = decoders[coding]?.();
  if (!decoder) throw new Refused(fail('UPSTREAM_UNREADABLE', 'the answer is packed in a way that was not asked for'));
  response.once('error', (error) => decoder.destroy(error));
  return response.pipe(decoder);
}

async function limited(stream: Readable, maxBytes: number, fail: Fail): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > maxBytes) throw new Refused(fail('UPSTREAM_TOO_LARGE', `the answer has more than ${maxBytes} bytes`));
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}
