import type { IncomingHttpHeaders } from 'node:http';
import { randomBytes } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import { sha256Hex } from '@paddock/contracts';

/** Proof of a caller's identity. Secrets stay in this file: all other code has only their SHA-256. */
export type Credential =
  | { type: 'SESSION'; sha256: string; fromCookie: boolean }
  | { type: 'API_TOKEN'; id: string; sha256: string }
  | { type: 'MALFORMED' };

const SESSION_COOKIE = '__Host-paddock-session';
const SESSION_TOKEN = /^pds_[A-Za-z0-9_-]{43}$/;
const API_TOKEN = /^pdk_([0-9a-f-]{36})_([A-Za-z0-9_-]{43})$/;

/** 256 random bits. */
function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function newSessionToken(): { token: string; sha256: string } {
  const token = `pds_${newSecret()}`;
  return { token, sha256: sha256Hex(token) };
}

/** The prefix lets secret scanners find leaked tokens; the id finds the row, so that hashes are compared in constant time. */
export function newApiToken(id: string): { token: string; sha256: string } {
  const secret = newSecret();
  return { token: `pdk_${id}_${secret}`, sha256: sha256Hex(secret) };
}

/** A client key, with which a frontend or another consumer shows itself at the edge. */
export function newClientKey(): { secret: string; sha256: string } {
  const secret = `pck_${newSecret()}`;
  return { secret, sha256: sha256Hex(secret) };
}

/** The credential of a request: the `Authorization` header before the cookie. */
export function credentialOf(headers: IncomingHttpHeaders): Credential | undefined {
  const [, bearer] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return credentialFromToken(bearer);
  if (headers.authorization !== undefined) return { type: 'MALFORMED' };
  const cookie = sessionCookieIn(headers);
  return cookie === undefined ? undefined : credentialFromToken(cookie, true);
}

/** What a browser shows of a session. */
export function sessionCookieIn({ cookie }: IncomingHttpHeaders): string | undefined {
  return cookie === undefined ? undefined : parseCookie(cookie)[SESSION_COOKIE];
}

export function credentialFromToken(token: string, fromCookie = false): Credential {
  const [, id, secret] = (fromCookie ? null : API_TOKEN.exec(token)) ?? [];
  if (id && secret) return { type: 'API_TOKEN', id, sha256: sha256Hex(secret) };
  return SESSION_TOKEN.test(token) ? { type: 'SESSION', sha256: sha256Hex(token), fromCookie } : { type: 'MALFORMED' };
}

/** `Set-Cookie` for a session. Scripts cannot read it, other sites' requests do not carry it except for plain navigation. */
export function sessionCookie(token: string, expires: Date): string {
  return stringifySetCookie({ ...COOKIE, value: token, expires });
}

export function expiredSessionCookie(): string {
  return stringifySetCookie({ ...COOKIE, value: '', maxAge: 0 });
}

const COOKIE = { name: SESSION_COOKIE, path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const;
