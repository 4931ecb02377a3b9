import { describe, expect, it } from 'vitest';
import { type ClientKeySettings, sha256Hex } from '@paddock/contracts';
import { clientKeyOf, authorizeClientKey, holderOfKey } from './client-keys.js';
import { Problem } from './problem.js';

const reader: ClientKeySettings = {
  id: 'key-1',
  sha256: sha256Hex('right'),
  scopes: ['read'],
  site: null,
  jurisdiction: null,
  consumer: 'web',
};
const find = (sha256: string): ClientKeySettings | undefined => (sha256 === reader.sha256 ? reader : undefined);

function refusal(key: string | undefined, scope: 'read' | 'sync'): unknown {
  try {
    return authorizeClientKey(key, scope, find);
  } catch (error) {
    return error instanceof Problem ? [error.status, error.code, error.detail] : error;
  }
}

describe('client keys', () => {
  it.each([
    [{ 'paddock-client-key': 'right' }, 'right'],
    [{ 'paddock-client-key': '' }, ''],
    [{ 'paddock-client-key': ['right', 'wrong'] }, undefined],
    [{}, undefined],
  ])('are read from %j', (headers, key) => {
    expect(clientKeyOf(headers)).toBe(key);
  });

  it('are known by their hash, with the scope', () => {
    expect(refusal('right', 'read')).toBe(reader);
  });

  it.each([
    [undefined, 'read', [401, 'CLIENT_KEY_REQUIRED', expect.stringContaining('Paddock-Client-Key')]],
    ['', 'read', [401, 'UNKNOWN_CLIENT_KEY', expect.any(String)]],
    ['wrong', 'read', [401, 'UNKNOWN_CLIENT_KEY', expect.any(String)]],
    ['right', 'sync', [403, 'SCOPE_MISSING', 'the client key lacks the scope sync; it has read']],
  ] as const)('%j for %s is refused', (key, scope, expected) => {
    expect(refusal(key, scope)).toEqual(expected);
  });

  it('of more than 200 characters are not hashed', () => {
    const asked: string[] = [];
    const note = (sha256: string): undefined => void asked.push(sha256);
    expect(holderOfKey('x'.repeat(201), note)).toBeUndefined();
    expect(asked).toEqual([]);
    holderOfKey('x'.repeat(200), note);
    expect(asked).toHaveLength(1);
  });
});
