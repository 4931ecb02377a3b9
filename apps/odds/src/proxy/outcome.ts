/** Something that an upstream said, as it is passed on. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Strong, of content type and bytes: what our clients compare. */
  readonly etag: string;
  /** What the upstream compares when it is asked again. */
  readonly validators: { readonly etag?: string; readonly lastModified?: string };
  /** The window in which it was asked for. */
  readonly window: number;
  readonly requestedAt: number;
  /** Since when the upstream may have known it: `requestedAt` less the age that it admits. */
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

/** Why nothing could be learned. The same for everybody who waited; `detail` names neither addresses nor secrets. */
export interface Failure {
  readonly code: FailureCode;
  readonly detail: string;
  readonly at: number;
  /** Nobody asks again before. */
  readonly retryAt: number;
  /** The upstream as a whole wants no requests before. */
  readonly restUntil?: number;
}

/** What came of one request. */
export type Outcome =
  { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly failure: Failure };

/** Failures that say that the upstream itself is not well, or not well disposed: some in a row, and it is left in peace. */
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
