import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { decodeText, encodeText, isReadableCharset, isWritableCharset } from './charsets.js';

describe('text in columns', () => {
  it.each([
    ['latin1', 'e9', 'é'],
    ['latin1', '80', '€'],
    ['latin1', '81', '\u0081'],
    ['utf8mb4', 'c3a9', 'é'],
    ['utf8mb3', 'e282ac', '€'],
    ['cp1251', 'cff0e8', 'При'],
    ['latin2', 'b1', 'ą'],
  ])('%s %s is %s, and back', (charset, hex, text) => {
    expect(decodeText(Buffer.from(hex, 'hex'), charset)).toBe(text);
    expect(encodeText(text, charset)?.toString('hex')).toBe(hex);
  });

  it('reads UTF-8 that was stored in a latin1 column, and writes it as it was', () => {
    const bytes = Buffer.from('Café €5', 'utf8');
    expect(decodeText(bytes, 'latin1')).toBe('CafÃ© â‚¬5');
    expect(decodeText(bytes, 'latin1', 'UTF8_IN_LATIN1')).toBe('Café €5');
    expect(encodeText('Café €5', 'latin1', 'UTF8_IN_LATIN1')).toEqual(bytes);
  });

  it('reads UTF-8 that was encoded twice, and writes it as it was', () => {
    const bytes = Buffer.from('CafÃ©', 'utf8');
    expect(decodeText(bytes, 'utf8mb4', 'LATIN1_IN_UTF8')).toBe('Café');
    expect(encodeText('Café', 'utf8mb4', 'LATIN1_IN_UTF8')).toEqual(bytes);
  });

  it.each([
    ['utf8mb4', 'e9', 'DECLARED'],
    ['latin1', 'e9', 'UTF8_IN_LATIN1'],
    ['utf8mb4', 'c3a9', 'LATIN1_IN_UTF8'],
    ['utf32', '00000041', 'DECLARED'],
  ] as const)('says that %s %s is not %s', (charset, hex, encoding) => {
    expect(decodeText(Buffer.from(hex, 'hex'), charset, encoding)).toBeUndefined();
  });

  it.each([
    ['latin1', 'Привет'],
    ['ascii', 'é'],
    ['utf8mb3', '😀'],
    ['utf8mb4', '\ud800'],
    ['sjis', 'テスト'],
  ])('says that %s has no %j', (charset, text) => {
    expect(encodeText(text, charset)).toBeUndefined();
  });

  it('keeps every byte of a single-byte character set and every UTF-8 text', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const text = decodeText(all, 'latin1');
    expect(text && encodeText(text, 'latin1')).toEqual(all);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (written) => {
        const bytes = encodeText(written, 'utf8mb4');
        expect(bytes && decodeText(bytes, 'utf8mb4')).toBe(written);
      }),
    );
  });

  it('knows what it can read and what it can write', () => {
    expect([isReadableCharset('sjis'), isWritableCharset('sjis')]).toEqual([true, false]);
    expect([isReadableCharset('ucs2'), isWritableCharset('ucs2')]).toEqual([true, false]);
  });
});
