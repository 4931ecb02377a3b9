import { randomInt } from 'node:crypto';

/** Bound once, because this runs for every byte of every id. */
const { imul } = Math;

/** Chosen per process, so that an attacker cannot prepare ids that collide. */
const SEED = randomInt(2 ** 32 - 1);
const [LOW_FACTOR, HIGH_FACTOR] = [0x9e3779b1, 0x85ebca77];
const QUOTE = 34;
const BACKSLASH = 92;
const FIRST_PRINTABLE = 32;

/**
 * Writes the 64-bit hash of an id, as two 32-bit halves, to `into[2 * at]` and the place after it. The hash covers the
 * bytes of the id as rows carry it: JSON text without its quotes.
 */
export function writeIdHash(bytes: Uint8Array, start: number, end: number, into: Uint32Array, at: number): void {
  let low = SEED;
  let high = ~SEED;
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] ?? 0;
    low = imul(low ^ byte, LOW_FACTOR);
    high = imul(high ^ byte, HIGH_FACTOR);
    high ^= high >>> 15;
  }
  low ^= end - start;
  low = imul(low ^ (low >>> 16), HIGH_FACTOR) ^ imul(high ^ (high >>> 13), LOW_FACTOR);
  high = imul(high ^ (high >>> 16), HIGH_FACTOR) ^ imul(low ^ (low >>> 13), LOW_FACTOR);
  into[2 * at] = low;
  into[2 * at + 1] = high;
}

/** {@link writeIdHash} of an id in plain UTF-8, as the store gives it. */
export function writeStoredIdHash(bytes: Buffer, start: number, end: number, into: Uint32Array, at: number): void {
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte >= FIRST_PRINTABLE && byte !== QUOTE && byte !== BACKSLASH) continue;
    const json = Buffer.from(JSON.stringify(bytes.toString('utf8', start, end)));
    return writeIdHash(json, 1, json.length - 1, into, at);
  }
  writeIdHash(bytes, start, end, into, at);
}
