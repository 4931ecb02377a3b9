import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { AddressGuard, type Resolve } from './address-guard.js';
import type { AddressPolicy } from './address-policy.js';
import { headerValueProblem, transportHeaderProblem } from './header-problems.js';
import { OutboundError } from './outbound-error.js';
import { ACCEPT_ENCODING, OutboundResponse } from './outbound-response.js';

export interface OutboundClientOptions {
  readonly policy: AddressPolicy;
  /** Connections to one host at once; further requests wait within their own time. */
  readonly maxPerHost?: number;
  /** How names are resolved; by the system where absent. */
  readonly resolve?: Resolve;
}

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST';
  /** Path and query, sent byte for byte instead of the address's own. */
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds until the connection stands, waiting for its turn not counted. */
  readonly connectMs?: number;
  /** Milliseconds until the head of the answer is there. */
  readonly firstByteMs?: number;
  /** Milliseconds until the body is read. */
  readonly wholeMs?: number;
  /** Redirects within the origin are followed; those that lead elsewhere never are. Absent: the redirect is the answer. */
  readonly followWithinOrigin?: boolean;
}

const DEFAULTS = { maxPerHost: 16, connectMs: 5_000, firstByteMs: 10_000, wholeMs: 15_000 } as const;
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * The only client for requests whose target comes from config or people: addresses are checked and pinned, redirects
 * lead to no other origin, and every answer is bounded in time and size. No answer of a server makes this process contact
 * another server.
 */
export class OutboundClient {
  private readonly agents: { readonly 'http:': HttpAgent; readonly 'https:': HttpsAgent };
  readonly guard: AddressGuard;

  constructor({ policy, maxPerHost = DEFAULTS.maxPerHost, resolve }: OutboundClientOptions) {
    this.guard = new AddressGuard(policy, resolve);
    // Agents of its own, because an idle connection is reused without a check of the policy under which it was made.
    const options = { keepAlive: true, maxSockets: maxPerHost, maxFreeSockets: Math.min(maxPerHost, 32) };
    this.agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
  }

  /**
   * Sends a request and resolves with the head of the answer. A redirected POST becomes a GET without its body, as in
   * every browser (Fetch standard, 4.4).
   * @throws OutboundError; the reason of `signal` where that is what ended it
   */
  async send(to: URL, request: OutboundRequest = {}): Promise<OutboundResponse> {
    const deadline = AbortSignal.timeout(request.wholeMs ?? DEFAULTS.wholeMs);
    let [url, next] = [to, request];
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await this.exchange(url, next, deadline);
      const { location } = response.headers;
      if (!request.followWithinOrigin || !REDIRECTS.has(response.status) || location === undefined) return response;
      response.discard();
      const target = URL.parse(location, url.href);
      if (target?.origin !== to.origin)
        throw new OutboundError(
          'REDIRECT_NOT_ALLOWED',
          `${to.origin} redirects to another origin, which gets nothing from here`,
        );
      url = target;
      const { body: _body, target: _target, ...bodiless } = next;
      const becomesGet = response.status < 307 && next.method === 'POST';
      next = { ...bodiless, ...(becomesGet ? { method: 'GET' } : next.body === undefined ? {} : { body: next.body }) };
    }
    throw new OutboundError('REDIRECT_NOT_ALLOWED', `${to.origin} redirects more than ${MAX_REDIRECTS} times`);
  }

  /** Closes idle connections. */
  close(): void {
    this.agents['http:'].destroy();
    this.agents['https:'].destroy();
  }

  private async exchange(url: URL, request: OutboundRequest, deadline: AbortSignal): Promise<OutboundResponse> {
    const { signal } = request;
    const explain = (error: unknown): unknown => {
      if (signal?.aborted) return signal.reason;
      if (error instanceof OutboundError) return error;
      if (deadline.aborted) return timedOut(url);
      const code = isDamage(error) ? 'RESPONSE_UNREADABLE' : 'UNREACHABLE';
      return new OutboundError(code, `${url.origin} cannot be reached, or broke off`, { cause: error });
    };
    try {
      const until = signal ? AbortSignal.any([signal, deadline]) : deadline;
      return new OutboundResponse(await this.head(url, request, until), explain);
    } catch (error) {
      throw explain(error);
    }
  }

  private async head(url: URL, request: OutboundRequest, signal: AbortSignal): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt += 1) {
      const pending = Promise.withResolvers<IncomingMessage>();
      const sent = this.open(url, request, signal);
      const stop = watch(sent, url, request);
      sent.once('response', pending.resolve).on('error', pending.reject).end(request.body);
      try {
        return await pending.promise;
      } catch (error) {
        // The server had closed the idle connection before it could see the request.
        const unseen = sent.reusedSocket && request.method !== 'POST' && systemCode(error) === 'ECONNRESET';
        if (!unseen || attempt > 1 || signal.aborted) throw error;
      } finally {
        stop();
      }
    }
  }

  private open(
    url: URL,
    { method = 'GET', target, headers = {}, body }: OutboundRequest,
    signal: AbortSignal,
  ): ClientRequest {
    const { protocol } = url;
    if (protocol !== 'https:' && protocol !== 'http:')
      throw new OutboundError('URL_NOT_ALLOWED', `${protocol} is not spoken here, expected https: or http:`);
    if (url.username !== '' || url.password !== '')
      throw new OutboundError('URL_NOT_ALLOWED', 'an address must be without user and password');
    const use = { plain: protocol === 'http:' };
    this.guard.assertAllowed(url.hostname, use);
    for (const [name, value] of Object.entries(headers)) {
      const problem = transportHeaderProblem(name) ?? headerValueProblem(value);
      const shown = JSON.stringify(name.slice(0, 100));
      if (problem !== undefined) throw new OutboundError('HEADER_NOT_ALLOWED', `${shown} ${problem}`);
    }
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = {
      method,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: target ?? `${url.pathname}${url.search}`,
      // Names are compared without case, and the last one counts.
      headers: { 'user-agent': 'Paddock', ...headers, 'accept-encoding': ACCEPT_ENCODING, ...length },
      signal,
      maxHeaderSize: 32 << 10,
      lookup: this.guard.lookup(use),
    };
    if (protocol === 'https:') return httpsRequest({ ...options, agent: this.agents['https:'] });
    return httpRequest({ ...options, agent: this.agents['http:'] });
  }
}

/** Ends a request that is too slow to connect or to answer. @returns a function that stops the timers */
function watch(sent: ClientRequest, url: URL, request: OutboundRequest): () => void {
  const { connectMs = DEFAULTS.connectMs, firstByteMs = DEFAULTS.firstByteMs } = request;
  const end = (): void => void sent.destroy(timedOut(url));
  const answering = setTimeout(end, firstByteMs);
  let connecting: NodeJS.Timeout | undefined;
  sent.once('socket', (socket) => {
    if (!socket.connecting) return;
    connecting = setTimeout(end, connectMs);
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
  });
  return () => {
    clearTimeout(answering);
    clearTimeout(connecting);
  };
}

const timedOut = (url: URL): OutboundError => new OutboundError('TIMED_OUT', `${url.origin} did not answer in time`);

/** Does zlib say so, rather than the connection? */
function isDamage(error: unknown): boolean {
  return /^(?:Z_|ERR__|ERR_BROTLI|ERR_ZLIB)/.test(systemCode(error));
}

function systemCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
