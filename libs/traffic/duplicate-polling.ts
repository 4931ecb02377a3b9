import type { LoggedRequest } from './access-log.js';
import { canonicalUrl } from './canonical-url.js';

/** The options of the analysis. */
export interface PollingOptions {
  /** Requests of one question within one such window could have been one. */
  readonly windowMs: number;
  /** Lower-case names of query parameters that do not change the answer. */
  readonly volatileParameters: ReadonlySet<string>;
  /** Where paths begin that stand in the log without a host: `https://api.example.com`. */
  readonly origin?: string;
  /** What one request costs, in any currency. */
  readonly pricePerRequest?: number;
}

/** One question to a third party, and who asks it. */
export interface PolledQuestion {
  /** Canonical URL, without credentials. */
  readonly url: string;
  readonly requests: number;
  readonly bytes: number;
  /** The most eager first; at most {@link MAX_CLIENTS}. */
  readonly clients: readonly { readonly client: string; readonly requests: number }[];
  /** Windows in which it was asked: as many requests as the proxy would send at most. */
  readonly windows: number;
  /** Windows in which two or more clients asked. */
  readonly sharedWindows: number;
  /** Requests that other clients had made needless in the same window. */
  readonly duplicateRequests: number;
  readonly savedRequests: number;
  readonly savedBytes: number;
  readonly savedCost: number;
}

/** The clients that poll third parties directly, and the saving of a move to the proxy. */
export interface PollingReport {
  readonly from: string | null;
  readonly to: string | null;
  readonly windowMs: number;
  readonly lines: number;
  /** Lines that are no access log, and requests that no proxy could make: not GET or HEAD, no whole URL. */
  readonly unreadable: number;
  readonly passedOver: number;
  readonly requests: number;
  /** Of all questions that two or more clients asked within one window. */
  readonly duplicate: {
    readonly questions: number;
    readonly requests: number;
    readonly savedRequests: number;
    readonly savedBytes: number;
    readonly savedCost: number;
  };
  /** Those questions, the greatest saving first; at most {@link MAX_QUESTIONS}. */
  readonly questions: readonly PolledQuestion[];
  /** Requests to questions beyond those that fit in memory; they are in no other figure but `requests`. */
  readonly beyondMemory: number;
}

/** Limits of a report. */
export const MAX_QUESTIONS = 100;
export const MAX_CLIENTS = 20;

/** Limits of memory: questions, clients per question, and open windows per question. */
const MAX_KEPT_QUESTIONS = 100_000;
const MAX_KEPT_CLIENTS = 1_000;
const MAX_OPEN_WINDOWS = 32;

interface Window {
  requests: number;
  bytes: number;
  firstBytes: number;
  readonly clients: Set<string>;
}

interface Question {
  requests: number;
  bytes: number;
  windows: number;
  sharedWindows: number;
  duplicateRequests: number;
  savedBytes: number;
  readonly clients: Map<string, number>;
  readonly open: Map<number, Window>;
}

/** Gathers a log of any length, line by line and about in order of time, in bounded memory. */
export class DirectPolling {
  private readonly questions = new Map<string, Question>();
  private lines = 0;
  private unreadable = 0;
  private passedOver = 0;
  private requests = 0;
  private beyondMemory = 0;
  private from = Infinity;
  private to = -Infinity;

  constructor(private readonly options: PollingOptions) {}

  /** @param request `undefined` for a line that could not be read */
  add(request: LoggedRequest | undefined): void {
    this.lines += 1;
    if (!request) {
      this.unreadable += 1;
      return;
    }
    const url =
      request.method === 'GET' || request.method === 'HEAD'
        ? canonicalUrl(this.wholeUrl(request), this.options.volatileParameters)
        : undefined;
    if (url === undefined) {
      this.passedOver += 1;
      return;
    }
    this.requests += 1;
    this.from = Math.min(this.from, request.at);
    this.to = Math.max(this.to, request.at);
    const question = this.questionOf(url);
    if (question) this.count(question, request);
    else this.beyondMemory += 1;
  }

  report(): PollingReport {
    const price = this.options.pricePerRequest ?? 0;
    const duplicate = { questions: 0, requests: 0, savedRequests: 0, savedBytes: 0, savedCost: 0 };
    const polled: PolledQuestion[] = [];
    for (const [url, question] of this.questions) {
      for (const at of [...question.open.keys()]) close(question, at);
      if (question.sharedWindows === 0) continue;
      const savedRequests = question.requests - question.windows;
      duplicate.questions += 1;
      duplicate.requests += question.requests;
      duplicate.savedRequests += savedRequests;
      duplicate.savedBytes += question.savedBytes;
      const clients = [...question.clients]
        .map(([client, requests]) => ({ client, requests }))
        .sort((one, other) => other.requests - one.requests);
      const { requests, bytes, windows, sharedWindows, duplicateRequests, savedBytes } = question;
      polled.push({
        url,
        requests,
        bytes,
        clients: clients.slice(0, MAX_CLIENTS),
        windows,
        sharedWindows,
        duplicateRequests,
        savedRequests,
        savedBytes,
        savedCost: savedRequests * price,
      });
    }
    duplicate.savedCost = duplicate.savedRequests * price;
    const iso = (at: number): string | null => (Number.isFinite(at) ? new Date(at).toISOString() : null);
    const { lines, unreadable, passedOver, requests, beyondMemory } = this;
    return {
      from: iso(this.from),
      to: iso(this.to),
      windowMs: this.options.windowMs,
      lines,
      unreadable,
      passedOver,
      requests,
      duplicate,
      questions: polled
        .sort((one, other) => other.savedRequests - one.savedRequests || other.savedBytes - one.savedBytes)
        .slice(0, MAX_QUESTIONS),
      beyondMemory,
    };
  }

  private wholeUrl({ url, host }: LoggedRequest): string {
    if (!url.startsWith('/')) return url;
    if (this.options.origin !== undefined) return `${this.options.origin}${url}`;
    return host === undefined ? url : `https://${host}${url}`;
  }

  private questionOf(url: string): Question | undefined {
    const known = this.questions.get(url);
    if (known || this.questions.size >= MAX_KEPT_QUESTIONS) return known;
    const fresh: Question = {
      requests: 0,
      bytes: 0,
      windows: 0,
      sharedWindows: 0,
      duplicateRequests: 0,
      savedBytes: 0,
      clients: new Map(),
      open: new Map(),
    };
    this.questions.set(url, fresh);
    return fresh;
  }

  private count(question: Question, { at, client, bytes }: LoggedRequest): void {
    question.requests += 1;
    question.bytes += bytes;
    if (question.clients.has(client) || question.clients.size < MAX_KEPT_CLIENTS)
      question.clients.set(client, (question.clients.get(client) ?? 0) + 1);
    const number = Math.floor(at / this.options.windowMs);
    let window = question.open.get(number);
    if (!window) {
      if (question.open.size >= MAX_OPEN_WINDOWS) close(question, Math.min(...question.open.keys()));
      window = { requests: 0, bytes: 0, firstBytes: bytes, clients: new Set() };
      question.open.set(number, window);
    }
    window.requests += 1;
    window.bytes += bytes;
    if (window.clients.size < MAX_KEPT_CLIENTS) window.clients.add(client);
  }
}

/** Adds up a window to which nothing more is expected. */
function close(question: Question, number: number): void {
  const window = question.open.get(number);
  question.open.delete(number);
  if (!window) return;
  question.windows += 1;
  question.savedBytes += window.bytes - window.firstBytes;
  if (window.clients.size < 2) return;
  question.sharedWindows += 1;
  question.duplicateRequests += window.requests - 1;
}
