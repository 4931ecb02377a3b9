import { describe, expect, test } from 'vitest';
import { murmur3 } from './murmur3.js';

/** The reference algorithm as published, over bytes: slow and obvious. */
function reference(bytes: Uint8Array, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rotate = (value: number, by: number) => (value << by) | (value >>> (32 - by));
  const mix = (block: number) => Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
  let hash = seed;
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) {
    hash = Math.imul(rotate(hash ^ mix(view.getUint32(at, true)), 13), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= whole; at -= 1) tail = (tail << 8) | view.getUint8(at);
  if (whole < bytes.length) hash ^= mix(tail);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

describe('murmur3', () => {
  test('the reference that it is compared with gives the published values', () => {
    expect(reference(new Uint8Array(), 1)).toBe(0x514e28b7);
    expect(reference(Buffer.from('Hello, world!'), 1234)).toBe(0xfaf6cdb3);
    expect(reference(Buffer.from('The quick brown fox jumps over the lazy dog'), 0x9747b28c)).toBe(0x2fa826cd);
  });

  test.each(['', 'a', 'ab', 'abc', 'visitor-4711', 'Ünïcödé', '🙂', 'x'.repeat(1001)])(
    'hashes the UTF-16LE bytes of %j',
    (text) => {
      for (const seed of [0, 1, 0x9747b28c]) {
        expect(murmur3(text, seed)).toBe(reference(Buffer.from(text, 'utf16le'), seed));
      }
    },
  );
});
