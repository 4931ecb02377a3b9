/** Beyond this share of places in use, searches become long. */
const MAX_LOAD = 0.75;
const BYTES_PER_PLACE = 9;
const FEWEST_PLACES = 64;

/** The number of places that hold `ids`, a power of two. */
export function placesFor(ids: number): number {
  return Math.max(FEWEST_PLACES, 2 ** Math.ceil(Math.log2(ids / MAX_LOAD)));
}

/**
 * A set of ids: 32 bits of the hash of each beside the minute that its event claims, with open addressing, behind a
 * Bloom filter of one byte per slot, which answers for nearly all absent ids. A false positive occurs about once in
 * 10^9 searches, a false negative never. 12 bytes an id when full.
 */
export class IdTable {
  count = 0;
  /** Fingerprint and minute in turns; a fingerprint of 0 marks a free place. */
  private readonly words: Uint32Array;
  /** Words of 32 bits. Each id sets three bits of one word. */
  private readonly filter: Uint32Array;
  private readonly mask: number;

  constructor(readonly places: number) {
    this.words = new Uint32Array(2 * places);
    this.filter = new Uint32Array(places / 4);
    this.mask = places - 1;
  }

  get bytes(): number {
    return this.places * BYTES_PER_PLACE;
  }

  hasRoomFor(ids: number): boolean {
    return this.count + ids <= this.places * MAX_LOAD;
  }

  has(low: number, high: number): boolean {
    const bits = bitsOf(high);
    return ((this.filter[this.filterWord(low)] ?? 0) & bits) === bits && this.find(low, high);
  }

  /** Adds the minutes that events of this id, or of one that looks the same, claim. */
  collectMinutes(low: number, high: number, minutes: Set<number>): void {
    const fingerprint = fingerprintOf(high);
    for (let place = this.first(low, high); ; place = (place + 1) & this.mask) {
      const found = this.words[2 * place] ?? 0;
      if (found === 0) return;
      if (found === fingerprint) minutes.add(this.words[2 * place + 1] ?? 0);
    }
  }

  /** Adds an id; an id may stand there with several minutes. @returns whether it was there already, with any minute */
  add(low: number, high: number, minute: number): boolean {
    const fingerprint = fingerprintOf(high);
    let known = false;
    let place = this.first(low, high);
    for (; ; place = (place + 1) & this.mask) {
      const found = this.words[2 * place] ?? 0;
      if (found === 0) break;
      if (found !== fingerprint) continue;
      known = true;
      if (this.words[2 * place + 1] === minute) return true;
    }
    this.words[2 * place] = fingerprint;
    this.words[2 * place + 1] = minute;
    const word = this.filterWord(low);
    this.filter[word] = (this.filter[word] ?? 0) | bitsOf(high);
    this.count += 1;
    return known;
  }

  private find(low: number, high: number): boolean {
    const fingerprint = fingerprintOf(high);
    for (let place = this.first(low, high); ; place = (place + 1) & this.mask) {
      const found = this.words[2 * place] ?? 0;
      if (found === 0) return false;
      if (found === fingerprint) return true;
    }
  }

  private first(low: number, high: number): number {
    return (low ^ (high >>> 7)) & this.mask;
  }

  private filterWord(low: number): number {
    return (low >>> 4) & (this.mask >>> 2);
  }
}

function fingerprintOf(high: number): number {
  return high === 0 ? 1 : high;
}

function bitsOf(high: number): number {
  return (1 << (high & 31)) | (1 << ((high >>> 5) & 31)) | (1 << ((high >>> 10) & 31));
}
