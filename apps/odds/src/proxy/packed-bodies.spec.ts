import { randomBytes } from 'node:crypto';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Answer } from './outcome.js';
import { PackedBodies } from './packed-bodies.js';

const answer = (body: Buffer, type: string): Answer => ({
  status: 200,
  headers: { 'content-type': type },
  body,
  etag: '"tag"',
  validators: {},
  window: 1,
  requestedAt: 0,
  asOf: 0,
});
const prices = Buffer.from(JSON.stringify(Array.from({ length: 100 }, (_, id) => ({ id, price: 2_380 }))));

describe('a packed body', () => {
  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('is made once for all who read %s, and is the same when unpacked', async (encoding, unpack) => {
    const bodies = new PackedBodies();
    const first = answer(prices, 'application/json; charset=utf-8');
    const read = await Promise.all(Array.from({ length: 50 }, () => bodies.read(first, encoding)));
    // The next window, in which the upstream said that nothing had changed.
    read.push(await bodies.read({ ...first, window: 2 }, encoding));
    expect(new Set(read.map(({ body }) => body)).size).toBe(1);
    expect(read[0]).toMatchObject({ encoding, etag: `"tag-${encoding}"` });
    expect(read[0]?.body.length).toBeLessThan(prices.length / 3);
    expect(unpack(read[0]?.body ?? Buffer.alloc(0))).toEqual(prices);
  });

  test.each([
    ['short', Buffer.from('{"price":1}'), 'application/json'],
    ['an image', Buffer.alloc(2_000), 'image/png'],
    ['of no type', Buffer.alloc(2_000), ''],
    ['that would only grow', randomBytes(2_000), 'text/plain'],
  ])('is not compressed where it is %s', async (_, body, type) => {
    expect(await new PackedBodies().read(answer(body, type), 'br')).toEqual({ body, etag: '"tag"' });
  });
});
