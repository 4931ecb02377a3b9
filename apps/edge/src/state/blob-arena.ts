import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { LRUCache } from 'lru-cache';

/** The bytes of one document body, named by their SHA-256. Immutable: it reads the same even after the arena let go of it. */
export class Blob {
  /** How many live documents (or updates under way) hold it. Counted by the arena. */
  references = 0;

  constructor(
    /** SHA-256 as 32 latin-1 characters: half the memory of hexadecimal. */
    readonly digest: string,
    /** Where the bytes lie; the arena alone moves them. */
    public slab: Slab,
    public offset: number,
    readonly length: number,
  ) {}

  get sha256(): string {
    return Buffer.from(this.digest, 'latin1').toString('hex');
  }

  bytes(): Buffer {
    return this.slab.read(this.offset, this.length);
  }
}

/** The few slabs that were unpacked last: documents that arrived together are often read together. */
const unpacked = new LRUCache<Slab, Buffer>({ max: 128 });

/**
 * Append-only memory that many bodies share. Only one is written at a time; when it is full it is packed: JSON bodies
 * resemble each other, so together they take a fraction of their length, and unpacking some costs less than parsing them.
 */
class Slab {
  used = 0;
  /** Bytes of blobs that are still kept. */
  kept = 0;
  private packed: Buffer | undefined;

  /** `open` is lent until the slab is sealed. */
  constructor(private open: Buffer | undefined) {}

  /** A part of it, which stays as it is whatever becomes of the slab. */
  read(offset: number, length: number): Buffer {
    if (this.open) return Buffer.from(this.open.subarray(offset, offset + length));
    return this.unpack().subarray(offset, offset + length);
  }

  get memory(): number {
    return this.open?.length ?? this.packed?.length ?? 0;
  }

  get free(): number {
    return this.open ? this.open.length - this.used : 0;
  }

  /** Copies the bytes to the end and returns where they begin. */
  append(bytes: Uint8Array): number {
    const offset = this.used;
    this.open?.set(bytes, offset);
    this.used += bytes.length;
    this.kept += bytes.length;
    return offset;
  }

  /** Takes no more, and gives back what was lent. */
  seal(): void {
    if (!this.open) return;
    this.packed = copyToSharedSlab(
      deflateRawSync(this.open.subarray(0, this.used), { level: 4, windowBits: 14, memLevel: 7, chunkSize: 4_096 }),
    );
    this.open = undefined;
  }

  private unpack(): Buffer {
    let bytes = unpacked.get(this);
    if (!bytes) {
      bytes = inflateRawSync(this.packed ?? Buffer.alloc(0), { chunkSize: SLAB_BYTES });
      unpacked.set(this, bytes);
    }
    return bytes;
  }
}

const SHARED_SLAB_BYTES = 1 << 20;
let sharedSlab = Buffer.alloc(0);

/**
 * Copies packed bytes to a large piece of memory that many share and that goes when the last of them does. Thousands of
 * small pieces, each allocated between buffers that come and go, would hold the whole stretch of memory in between.
 */
function copyToSharedSlab(packed: Buffer): Buffer {
  if (packed.length > SHARED_SLAB_BYTES / 4) return Buffer.from(packed);
  if (packed.length > sharedSlab.length) sharedSlab = Buffer.allocUnsafeSlow(SHARED_SLAB_BYTES);
  const copy = sharedSlab.subarray(0, packed.length);
  copy.set(packed);
  sharedSlab = sharedSlab.subarray(packed.length);
  return copy;
}

/** Large enough to pack well, small enough to unpack in some ten microseconds. */
const SLAB_BYTES = 16 << 10;
/** A body that would waste much of a shared slab gets one of its own. */
const LARGE_BYTES = SLAB_BYTES / 4;
/** Waste that is not worth moving anything for. */
const TOLERATED_WASTE = 16 << 20;

/**
 * Keeps document bodies outside the JavaScript heap, packed into slabs: 100,000 bodies cost less than their bytes, and
 * the garbage collector never scans them. Equal bodies are kept once. Bodies that no document holds any more stay for a
 * while, up to `retiredBytes`, because consumers a few releases behind may still ask for them by name.
 */
export class BlobArena {
  private readonly blobs = new Map<string, Blob>();
  private readonly slabs = new Set<Slab>();
  private readonly retired = new Set<Blob>();
  private retiredTotal = 0;
  private kept = 0;
  /** Bytes of forgotten blobs in slabs that are still there. */
  private waste = 0;
  private open: Slab | undefined;
  /** What open slabs are written to, one after the other: a new one each time would be garbage that is slow to go. */
  private readonly page = Buffer.allocUnsafeSlow(SLAB_BYTES);

  constructor(private readonly retiredBytes = 16 << 20) {}

  /** The blob of that name, also one that was retired; not held for the caller. */
  find(sha256: string): Blob | undefined {
    return this.blobs.get(digestOf(sha256));
  }

  /** Keeps a copy of `bytes`, whose SHA-256 the caller has checked, and holds it for the caller, who must release it. */
  put(sha256: string, bytes: Uint8Array): Blob {
    const digest = digestOf(sha256);
    const known = this.blobs.get(digest);
    if (known) return this.hold(known);
    const blob = this.place(digest, bytes);
    this.blobs.set(digest, blob);
    return this.hold(blob);
  }

  hold(blob: Blob): Blob {
    blob.references += 1;
    if (this.retired.delete(blob)) this.retiredTotal -= blob.length;
    return blob;
  }

  release(blob: Blob): void {
    blob.references -= 1;
    if (blob.references > 0) return;
    this.retired.add(blob);
    this.retiredTotal += blob.length;
    for (const oldest of this.retired) {
      if (this.retiredTotal <= this.retiredBytes) break;
      this.forget(oldest);
    }
    if (this.waste > TOLERATED_WASTE && this.waste > this.kept) this.compact();
  }

  /** Bytes of memory that the bodies take. */
  get allocatedBytes(): number {
    let total = 0;
    for (const slab of this.slabs) total += slab.memory;
    return total;
  }

  private forget(blob: Blob): void {
    this.retired.delete(blob);
    this.retiredTotal -= blob.length;
    this.blobs.delete(blob.digest);
    blob.slab.kept -= blob.length;
    this.kept -= blob.length;
    this.waste += blob.length;
    if (blob.slab.kept > 0 || blob.slab === this.open) return;
    this.slabs.delete(blob.slab);
    this.waste -= blob.slab.used;
  }

  /** Moves what is kept out of the slabs that are mostly waste. */
  private compact(): void {
    const sparse = new Set([...this.slabs].filter((slab) => slab !== this.open && slab.kept < slab.used / 2));
    for (const blob of this.blobs.values()) {
      if (!sparse.has(blob.slab)) continue;
      const bytes = blob.bytes();
      blob.slab = this.slabFor(bytes.length);
      blob.offset = blob.slab.append(bytes);
    }
    this.waste = 0;
    for (const slab of this.slabs) {
      if (sparse.has(slab)) this.slabs.delete(slab);
      else this.waste += slab.used - slab.kept;
    }
  }

  private place(digest: string, bytes: Uint8Array): Blob {
    const slab = this.slabFor(bytes.length);
    const blob = new Blob(digest, slab, slab.append(bytes), bytes.length);
    this.kept += bytes.length;
    if (slab !== this.open) slab.seal();
    return blob;
  }

  private slabFor(length: number): Slab {
    if (length > LARGE_BYTES) return this.addSlab(Buffer.allocUnsafeSlow(length));
    if (!this.open || this.open.free < length) {
      this.open?.seal();
      this.open = this.addSlab(this.page);
    }
    return this.open;
  }

  private addSlab(bytes: Buffer): Slab {
    const slab = new Slab(bytes);
    this.slabs.add(slab);
    return slab;
  }
}

function digestOf(sha256: string): string {
  return Buffer.from(sha256, 'hex').toString('latin1');
}
