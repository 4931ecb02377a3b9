const { imul } = Math;

/**
 * MurmurHash3_x86_32 (Austin Appleby, public domain) of a string's UTF-16LE bytes, as an unsigned 32-bit integer. It
 * mixes well, so neighbouring visitor ids spread evenly, and it reads the string in place: nothing is allocated.
 */
export function murmur3(text: string, seed: number): number {
  let hash = seed | 0;
  const even = text.length & ~1;
  for (let at = 0; at < even; at += 2) {
    hash ^= scramble(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    hash = (hash << 13) | (hash >>> 19);
    hash = (imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (even < text.length) hash ^= scramble(text.charCodeAt(even));
  hash ^= text.length * 2;
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(block: number): number {
  const mixed = imul(block, 0xcc9e2d51);
  return imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
