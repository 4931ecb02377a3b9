import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { list, text } from '@paddock/contracts';
import { REV_LENGTH } from './market-policy.js';

/** A reader's position in one partition. */
export interface ShardPlace {
  readonly shard: number;
  /** The history that `seq` counts, shortened. */
  readonly epoch: string;
  readonly seq: number;
  /** The partition was silent: its open markets were shown as suspended. */
  readonly silent: boolean;
}

/** The state that a reader has: the content of a `clk`. */
export interface Place {
  /** The view that it belongs to: environment, site and jurisdiction. */
  readonly view: string;
  /** Name of the filter. */
  readonly filter: string;
  /** The rules that held. */
  readonly policy: string;
  /** When the rules were evaluated, in epoch milliseconds. */
  readonly at: number;
  readonly shards: readonly ShardPlace[];
}

const MAX_LENGTH = 2_000;
const VERSION = 2;
const IV_BYTES = 16;
const MAC_BYTES = 16;
const EPOCH_LENGTH = 8;
/** Version, time, policy, number of partitions. */
const HEAD_BYTES = 1 + 6 + REV_LENGTH + 1;
/** Partition, epoch, seq, silence. */
const SHARD_BYTES = 1 + EPOCH_LENGTH + 6 + 1;

/** Why a `clk` cannot be read: it has the wrong form, or it was not written by this installation. */
export type ClkProblem = 'MALFORMED' | 'UNKNOWN';

/**
 * Writes and reads `clk`, the one token by which readers resume: base64url of an initialization vector, the encrypted
 * place (AES-256-CTR) and a MAC over both (HMAC-SHA-256), under keys of one secret.
 *
 * Authentic, because a reader that could choose its past could ask which markets were hidden since. Encrypted with a
 * random vector and of one length per view and filter, because a place counts the updates of all markets, hidden ones
 * included: a reader must see neither how many there were nor whether there was any.
 */
export class ClkCodec {
  private readonly encryptionKey: Buffer;
  private readonly macKey: Buffer;

  constructor(
    secret: string,
    private readonly random: (bytes: number) => Buffer = randomBytes,
  ) {
    const key = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `paddock clk ${purpose}`, 32));
    this.encryptionKey = key('encryption');
    this.macKey = key('authentication');
  }

  write(place: Place): string {
    const iv = this.random(IV_BYTES);
    const sealed = Buffer.concat([iv, createCipheriv('aes-256-ctr', this.encryptionKey, iv).update(packed(place))]);
    return Buffer.concat([sealed, this.mac(sealed)]).toString('base64url');
  }

  read(clk: string): Place | ClkProblem {
    if (clk === '' || clk.length > MAX_LENGTH || !/^[\w-]+$/.test(clk)) return 'MALFORMED';
    const bytes = Buffer.from(clk, 'base64url');
    const sealed = bytes.subarray(0, -MAC_BYTES);
    if (sealed.length <= IV_BYTES) return bytes.length > MAC_BYTES ? 'UNKNOWN' : 'MALFORMED';
    if (!timingSafeEqual(bytes.subarray(-MAC_BYTES), this.mac(sealed))) return 'UNKNOWN';
    const iv = sealed.subarray(0, IV_BYTES);
    return unpacked(createDecipheriv('aes-256-ctr', this.encryptionKey, iv).update(sealed.subarray(IV_BYTES)));
  }

  private mac(sealed: Buffer): Buffer {
    return createHmac('sha256', this.macKey).update(sealed).digest().subarray(0, MAC_BYTES);
  }
}

/** Every number has a fixed width, so that the length says nothing about its value. */
function packed({ view, filter, policy, at, shards }: Place): Buffer {
  const names = Buffer.from(JSON.stringify([view, filter]));
  const bytes = Buffer.alloc(HEAD_BYTES + shards.length * SHARD_BYTES + names.length);
  let offset = bytes.writeUInt8(VERSION, 0);
  offset = bytes.writeUIntBE(Math.trunc(at), offset, 6);
  offset += bytes.write(policy.padEnd(REV_LENGTH), offset, REV_LENGTH, 'latin1');
  offset = bytes.writeUInt8(shards.length, offset);
  for (const { shard, epoch, seq, silent } of shards) {
    offset = bytes.writeUInt8(shard, offset);
    offset += bytes.write(epoch.padEnd(EPOCH_LENGTH), offset, EPOCH_LENGTH, 'latin1');
    offset = bytes.writeUIntBE(seq, offset, 6);
    offset = bytes.writeUInt8(silent ? 1 : 0, offset);
  }
  names.copy(bytes, offset);
  return bytes;
}

/** The `clk` is authentic, but another version may have written it. */
function unpacked(bytes: Buffer): Place | ClkProblem {
  if (bytes.length < HEAD_BYTES || bytes.readUInt8(0) !== VERSION) return 'UNKNOWN';
  const at = bytes.readUIntBE(1, 6);
  const policy = bytes.toString('latin1', 7, 7 + REV_LENGTH).trimEnd();
  const shards = Array.from({ length: bytes.readUInt8(7 + REV_LENGTH) }, (_, index): ShardPlace => {
    const start = HEAD_BYTES + index * SHARD_BYTES;
    const epoch = bytes.toString('latin1', start + 1, start + 1 + EPOCH_LENGTH).trimEnd();
    const afterEpoch = start + 1 + EPOCH_LENGTH;
    const [seq, silent] = [bytes.readUIntBE(afterEpoch, 6), bytes.readUInt8(afterEpoch + 6) === 1];
    return { shard: bytes.readUInt8(start), epoch, seq, silent };
  });
  const names: unknown = JSON.parse(bytes.toString('utf8', HEAD_BYTES + shards.length * SHARD_BYTES));
  const [view = '', filter = ''] = list(text)(names, 'clk');
  return { view, filter, policy, at, shards };
}

/** Epochs are UUIDs; eight characters are enough to distinguish them. */
export function shortEpoch(epoch: string): string {
  return epoch.slice(0, EPOCH_LENGTH);
}
