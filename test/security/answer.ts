import { expect } from 'vitest';

/** The answer of a port. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** Sends a request as it is. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(30_000), ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export const postJson = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** The codes of an answer: of GraphQL errors, or of a problem (RFC 9457). */
export function codesOf({ text }: Answer): string[] {
  const body = JSON.parse(text) as { errors?: { extensions?: { code?: string } }[]; code?: string };
  return body.errors ? body.errors.map(({ extensions }) => extensions?.code ?? '') : [body.code ?? ''];
}

/** Holds for every refusal: JSON with a stable code and a request id, and nothing internal. */
export function expectRefusal(answer: Answer, statuses: number | readonly number[], code?: string): void {
  expect(answer.text).not.toMatch(/^\s+at |\.(?:js|ts):\d+|node_modules|\bSELECT\b|\bER_[A-Z_]+\b|<!DOCTYPE/m);
  expect([statuses].flat()).toContain(answer.status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/(?:\w+\+)?json/);
  expect(codesOf(answer)).toEqual(expect.arrayContaining([expect.stringMatching(/^[A-Z][A-Z_]+$/)]));
  expect(answer.headers.get('x-request-id')).toMatch(/^[\w.-]+$/);
  if (code !== undefined) expect(codesOf(answer)).toContain(code);
}

/** The extensions of the first error with this code. */
export function extensionsOf({ text }: Answer, code: string): Record<string, unknown> {
  const { errors } = JSON.parse(text) as { errors: { extensions: Record<string, unknown> }[] };
  const found = errors.find(({ extensions }) => extensions['code'] === code);
  if (!found) throw new Error(`no error ${code} in ${text.slice(0, 500)}`);
  return found.extensions;
}
