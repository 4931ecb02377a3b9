import { describe, expect, it } from 'vitest';
import { sha256Hex } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { type Blob, BlobArena } from './blob-arena.js';

const put = (arena: BlobArena, text: string): Blob => arena.put(sha256Hex(text), Buffer.from(text));

describe('the blob arena', () => {
  it('gives back every body that is held, whatever else came and went', () => {
    const body = fc
      .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 6_000 }))
      .map(([seed, length]) => `${seed} ${'x'.repeat(length)}`);
    const step = fc.oneof(
      body.map((text) => ({ put: text })),
      fc.nat().map((index) => ({ release: index })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const arena = new BlobArena(8_000);
        const held: { text: string; blob: Blob }[] = [];
        for (const one of steps) {
          if ('put' in one) held.push({ text: one.put, blob: put(arena, one.put) });
          else for (const { blob } of held.splice(one.release % (held.length || 1), 1)) arena.release(blob);
        }
        for (const { text, blob } of held) {
          expect(blob.bytes().toString()).toBe(text);
          expect(blob.sha256).toBe(sha256Hex(text));
          expect(arena.find(sha256Hex(text))).toBe(blob);
        }
      }),
    );
  });

  it('keeps equal bodies once', () => {
    const arena = new BlobArena();
    expect(put(arena, 'same')).toBe(put(arena, 'same'));
  });

  it('keeps what was released last for those who may still ask, up to its bound', () => {
    const arena = new BlobArena(100);
    for (const name of ['a', 'b', 'c']) arena.release(put(arena, name.repeat(40)));
    expect(['a', 'b', 'c'].map((name) => arena.find(sha256Hex(name.repeat(40))) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('leaves bytes that were handed out as they are', () => {
    const arena = new BlobArena(0);
    const blob = put(arena, 'handed out');
    const bytes = blob.bytes();
    arena.release(blob);
    for (let index = 0; index < 1_000; index += 1) put(arena, `others ${index} ${'x'.repeat(100)}`);
    expect(bytes.toString()).toBe('handed out');
  });

  it('does not grow while bodies are replaced for ever', () => {
    const arena = new BlobArena(1 << 20);
    const noise = (index: number): string =>
      Array.from({ length: 30 }, (_, part) => sha256Hex(`${index} ${part}`)).join('');
    let live = Array.from({ length: 500 }, (_, index) => put(arena, noise(index)));
    for (let round = 1; round <= 40; round += 1) {
      live = live.map((blob, index) => {
        const next = put(arena, noise(round * 1_000 + index));
        arena.release(blob);
        return next;
      });
    }
    // 40 MB went through; 1 MB is live.
    expect(arena.allocatedBytes).toBeLessThan(20 << 20);
    expect(live.every((blob) => sha256Hex(blob.bytes()) === blob.sha256)).toBe(true);
  });
});
