const M = 0x5bd1e995;
const SEED = 0x9747b28c;

/** MurmurHash2, 32 bits, with the seed of Kafka's Java client. */
export function murmur2(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const whole = data.length & ~3;
  let hash = SEED ^ data.length;
  for (let at = 0; at < whole; at += 4) {
    hash = Math.imul(hash, M) ^ mix(view.getInt32(at, true));
  }
  for (let at = data.length - 1; at >= whole; at -= 1) hash ^= view.getUint8(at) << (8 * (at - whole));
  if (data.length > whole) hash = Math.imul(hash, M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

function mix(word: number): number {
  const multiplied = Math.imul(word, M);
  return Math.imul(multiplied ^ (multiplied >>> 24), M);
}
