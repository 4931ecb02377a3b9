import { describe, expect, it } from 'vitest';
import { sha256Hex } from '@paddock/contracts';
import { credentialOf, expiredSessionCookie, newApiToken, newSessionToken, sessionCookie } from './credential.js';

const ID = '01a1f9d5-0e2f-734f-befb-8d1162129284';

describe('credentials', () => {
  it('are read from the header before the cookie', () => {
    const { token, sha256 } = newSessionToken();
    const other = newSessionToken();
    expect(credentialOf({ authorization: `Bearer ${token}`, cookie: `__Host-paddock-session=${other.token}` })).toEqual(
      {
        type: 'SESSION',
        sha256,
        fromCookie: false,
      },
    );
    expect(credentialOf({ cookie: `a=b; __Host-paddock-session=${other.token}` })).toEqual({
      type: 'SESSION',
      sha256: other.sha256,
      fromCookie: true,
    });
  });

  it('name an API token’s row beside its secret', () => {
    const { token, sha256 } = newApiToken(ID);
    expect(credentialOf({ authorization: `bearer ${token}` })).toEqual({ type: 'API_TOKEN', id: ID, sha256 });
    expect(sha256).toBe(sha256Hex(token.slice(`pdk_${ID}_`.length)));
  });

  it('carry 256 random bits', () => {
    const tokens = new Set(Array.from({ length: 100 }, () => newSessionToken().token));
    expect(tokens.size).toBe(100);
    for (const token of tokens) expect(Buffer.from(token.slice(4), 'base64url')).toHaveLength(32);
  });

  it.each([
    [{ authorization: 'Basic YTpi' }],
    [{ authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
    [{ authorization: 'Bearer pds_short' }],
    [{ authorization: `Bearer pdk_../../etc/passwd_${'x'.repeat(43)}` }],
    [{ cookie: `__Host-paddock-session=${newApiToken(ID).token}` }],
  ])('%j is malformed', (headers) => {
    expect(credentialOf(headers)).toEqual({ type: 'MALFORMED' });
  });

  it('are absent where nothing was sent', () => {
    expect(credentialOf({})).toBeUndefined();
    expect(credentialOf({ cookie: 'paddock-session=x' })).toBeUndefined();
  });

  it('make cookies that scripts and other sites cannot use', () => {
    expect(sessionCookie('pds_x', new Date(0))).toBe(
      '__Host-paddock-session=pds_x; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
    );
    expect(expiredSessionCookie()).toMatch(/^__Host-paddock-session=; Max-Age=0; Path=\//);
  });
});
