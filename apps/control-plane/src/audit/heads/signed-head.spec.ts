import { describe, expect, it } from 'vitest';
import { createPublicKey, verify } from 'node:crypto';
import { isGenuine, keyIdOf, parsePublicKeys, parseSigningKey, signHead, statementOf } from './signed-head.js';

/** RFC 8032, section 7.1, test 1. */
const RFC_SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const RFC_PUBLIC = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex').toString(
  'base64',
);
const AT = new Date('2026-11-30T12:00:00Z');

function key() {
  const parsed = parseSigningKey(RFC_SEED);
  if (!parsed) throw new Error('no key');
  return parsed;
}

describe('a signed head', () => {
  const keys = parsePublicKeys(RFC_PUBLIC) ?? new Map();
  const head = signHead(key(), undefined, { first: 1, hashes: ['a'.repeat(64)] }, AT);

  it('is signed with the key of RFC 8032, whose public half is the one of the RFC', () => {
    expect(key().publicKey).toBe(RFC_PUBLIC);
    expect(head.keyId).toBe(keyIdOf(RFC_PUBLIC));
    expect(isGenuine(head, keys)).toBe(true);
    const publicKey = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(RFC_PUBLIC, 'base64').toString('base64url') },
      format: 'jwk',
    });
    expect(verify(null, Buffer.from(head.statement), publicKey, Buffer.from(head.signature, 'base64'))).toBe(true);
  });

  it('continues from the one before it', () => {
    const next = signHead(key(), head, { first: 2, hashes: ['b'.repeat(64)] }, AT);
    expect(statementOf(next)).toMatchObject({ sequence: 2, first: 2 });
    expect(statementOf(next).previous).not.toBe(statementOf(head).previous);
  });

  it.each([
    ['another statement', { ...head, statement: head.statement.replace('a'.repeat(64), 'b'.repeat(64)) }],
    ['a signature cut off', { ...head, signature: head.signature.slice(0, 20) }],
    ['no signature', { ...head, signature: '' }],
    ['another key’s id', { ...head, keyId: '0'.repeat(16) }],
  ])('with %s is not genuine', (_, forged) => {
    expect(isGenuine(forged, keys)).toBe(false);
  });

  it.each([[''], ['AAAA'], ['x'.repeat(44)], [`${RFC_PUBLIC},`], [`${RFC_PUBLIC}=`]])(
    'needs public keys: %j is invalid',
    (text) => {
      expect(parsePublicKeys(text)).toBeUndefined();
    },
  );

  it.each([[''], ['00'], [RFC_SEED.replace('9', 'g')], [`${RFC_SEED}00`]])(
    'needs a key of 32 bytes: %j is invalid',
    (text) => {
      expect(parseSigningKey(text)).toBeUndefined();
    },
  );
});
