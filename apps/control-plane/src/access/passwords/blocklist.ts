import { brotliDecompressSync } from 'node:zlib';
import { PACKED_COMMON_PASSWORDS } from './common-passwords.js';

/** The most common ones are also looked for in pairs. */
const MOST_COMMON = 1_000;

interface Blocklist {
  /** Passwords known from breaches, in lower case. */
  all: ReadonlySet<string>;
  mostCommon: ReadonlySet<string>;
}

let unpacked: Blocklist | undefined;

/** Unpacked when the first password is set: a process that never sets one saves the memory. */
export function blocklist(): Blocklist {
  if (!unpacked) {
    const words = brotliDecompressSync(Buffer.from(PACKED_COMMON_PASSWORDS, 'base64')).toString('utf8').split('\n');
    unpacked = { all: new Set(words), mostCommon: new Set(words.slice(0, MOST_COMMON)) };
  }
  return unpacked;
}
