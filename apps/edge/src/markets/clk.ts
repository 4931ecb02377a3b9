import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { list, number, type Reader, Shape, text } from '#contracts';

/** How far one partition was read. */
export interface ShardPlace {
  readonly shard: number;
  /** The history that `seq` counts, shortened. */
  readonly epoch: string;
  readonly seq: number;
  /** Nothing was heard of it: its open markets were shown as suspended. */
  readonly silent: boolean;
}

/** What a reader has: the content of a `clk`. */
export interface Place {
  /** Of whom it was: the environment, site and jurisdiction. */
  readonly view: string;
  /** Name of the filter. */
  readonly filter: string;
  /** The rules that held. */
  readonly policy: string;
  /** When they were looked at, in epoch milliseconds. */
  readonly at: number;
  readonly shards: readonly ShardPlace[];
}

const MAC_BYTES = 9;
const MAX_LENGTH = 2_000;

/** Why a `clk` cannot be read: it is no such thing at all, or it was not written here. */
export type ClkProblem = 'MALFORMED' | 'UNKNOWN';

/**
 * Writes and reads `clk`, the one token by which readers resume: base64url of a MAC and the place. Signed, because a
 * reader that could choose its past could ask which markets were hidden since.
 */
export class ClkCodec {
  private readonly key: Buffer;

  constructor(secret: string) {
    this.key = createHash('sha256').update(`clk ${secret}`).digest();
  }

  write({ view, filter, policy, at, shards }: Place): string {
    const body = Buffer.from(JSON.stringify([view, filter, policy, at, shards.map(({ shard, epoch, seq, silent }) => [shard, epoch, seq, silent ? 1 : 0])]));
    return Buffer.concat([this.mac(body), body]).toString('base64url');
  }

  read(clk: string): Place | ClkProblem {
    if (clk === '' || clk.length > MAX_LENGTH || !/^[\w-]+$/.test(clk)) return 'MALFORMED';
    const bytes = Buffer.from(clk, 'base64url');
    const body = bytes.subarray(MAC_BYTES);
    if (body.length === 0) return 'MALFORMED';
    if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.mac(body))) return 'UNKNOWN';
    return placeOf(JSON.parse(body.toString('utf8')));
  }

  private mac(body: Buffer): Buffer {
    return createHmac('sha256', this.key).update(body).digest().subarray(0, MAC_BYTES);
  }
}

/** Signed here, but perhaps by another version. */
function placeOf(value: unknown): Place | ClkProblem {
  try {
    const from = new Shape({ ...list((member) => member)(value, 'clk') });
    return { view: from.get('0', text), filter: from.get('1', text), policy: from.get('2', text), at: from.get('3', number), shards: from.get('4', list(shardPlace)) };
  } catch {
    return 'UNKNOWN';
  }
}

const shardPlace: Reader<ShardPlace> = (value, path) => {
  const from = new Shape({ ...list((member) => member)(value, path) });
  return { shard: from.get('0', number), epoch: from.get('1', text), seq: from.get('2', number), silent: from.get('3', number) === 1 };
};

/** Epochs are UUIDs; so much of one tells them apart. */
export function shortEpoch(epoch: string): string {
  return epoch.slice(0, 8);
}
