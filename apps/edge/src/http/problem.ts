import { STATUS_CODES } from 'node:http';

/** One mistake in a request. */
export interface RequestMistake {
  /** The query parameter, header or body field. */
  field: string;
  message: string;
}

/** Why a request was refused, as RFC 9457 `application/problem+json` tells it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** Stable and machine-readable: `UNKNOWN_SITE`. */
    readonly code: string,
    readonly detail: string,
    readonly extras: { errors?: RequestMistake[]; headers?: Readonly<Record<string, string>>; [member: string]: unknown } = {},
  ) {
    super(detail);
  }

  get headers(): Readonly<Record<string, string>> {
    return this.extras.headers ?? {};
  }

  body(): string {
    const { headers: _headers, ...members } = this.extras;
    return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[this.status], status: this.status, code: this.code, detail: this.detail, ...members });
  }
}

export const PROBLEM_TYPE = 'application/problem+json';

/** Nothing of this environment was ever seen here. */
export function notReady(environment: string): Problem {
  return new Problem(503, 'NO_STATE', `this edge has no state of ${quote(environment)} yet`, { headers: { 'Retry-After': '1' } });
}

export function invalidParameters(errors: RequestMistake[]): Problem {
  return new Problem(400, 'INVALID_PARAMETERS', errors.map(({ field, message }) => `${field}: ${message}`).join('; '), { errors });
}

/** A value from outside as it may be shown: short, and as JSON writes it. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
