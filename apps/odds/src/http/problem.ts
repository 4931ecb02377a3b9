import { STATUS_CODES } from 'node:http';

/** Why a request was refused, as RFC 9457 `application/problem+json` tells it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** Stable and machine-readable: `UNKNOWN_UPSTREAM`. */
    readonly code: string,
    readonly detail: string,
    readonly extras: { headers?: Readonly<Record<string, string>>; [member: string]: unknown } = {},
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

/** A value from outside as it may be shown: short, and as JSON writes it. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
