/** An upstream's answer, as it is passed on. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Strong, of content type and bytes: what our clients compare. */
  readonly etag: string;
  /** The upstream's own validator, for conditional requests. */
  readonly validators: { readonly etag?: string; readonly lastModified?: string };
  /** The window in which it was requested. */
  readonly window: number;
  readonly requestedAt: number;
  /** The time from which the upstream's data may be: `requestedAt` less the `Age` that it states. */
  readonly asOf: number;
}

export type FailureCode =
  | 'UPSTREAM_TIMEOUT'
  | 'UPSTREAM_UNREACHABLE'
  | 'UPSTREAM_ERROR'
  | 'UPSTREAM_DENIED'
  | 'UPSTREAM_THROTTLED'
  | 'UPSTREAM_RESTING'
  | 'UPSTREAM_REDIRECTS'
  | 'UPSTREAM_TOO_LARGE'
  | 'UPSTREAM_UNREADABLE'
  | 'BUSY';

/** Why there is no answer. The same for all waiting callers; `detail` names neither addresses nor secrets. */
export interface Failure {
  readonly code: FailureCode;
  readonly detail: string;
  readonly at: number;
  /** The question is not asked again before. */
  readonly retryAt: number;
  /** The upstream asks for no requests at all before. */
  readonly restUntil?: number;
}

/** The outcome of one request. */
export type Outcome =
  { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly failure: Failure };

/** Failures of the upstream itself, or refusals by it: several in a row start a cooldown. */
const BREAKING: ReadonlySet<FailureCode> = new Set([
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_ERROR',
  'UPSTREAM_DENIED',
]);

/** Does it count towards a cooldown? */
export function isBreaking({ code }: Failure): boolean {
  return BREAKING.has(code);
}
