import type { Redis } from 'ioredis';
import {
  artefactKeys,
  decodeChange,
  decodeHead,
  environmentsKey,
  type Head,
  type LandedChange,
} from '@paddock/contracts';

const CHANGES_AT_ONCE = 200;
const LIVE_AT_ONCE = 500;
/** Releases fetched together with the head. */
const LIKELY_CHANGES = 8;

/** The head, and the releases right after the one asked for, as far as they came with it. */
export interface HeadAndChanges {
  head: Head | undefined;
  likely: LandedChange[];
}

/** Reads the artefacts of one environment. Nothing read here is trusted: shapes are checked, hashes are for the caller. */
export class RedisSource {
  private readonly keys: ReturnType<typeof artefactKeys>;

  constructor(
    private readonly redis: Redis,
    prefix: string,
    environment: string,
  ) {
    this.keys = artefactKeys(prefix, environment);
  }

  /** The head alone. @throws ShapeError */
  async head(): Promise<Head | undefined> {
    return decodeHead(await this.redis.hgetall(this.keys.head));
  }

  /** In one round trip: the head, and on the chance that they are what moved it, the releases after `seq`. */
  async headAndChanges(seq: number): Promise<HeadAndChanges> {
    const wanted = Array.from({ length: LIKELY_CHANGES }, (_, index) => String(seq + 1 + index));
    const [head, changes] = await Promise.all([this.head(), this.redis.hmget(this.keys.changes, ...wanted)]);
    const likely: LandedChange[] = [];
    for (const json of changes) {
      const change = readChange(json);
      if (!change) break;
      likely.push(change);
    }
    return { head, likely };
  }

  /** The releases from `first` to `last`; `undefined` where one of them is no longer kept, or cannot be read. */
  async changes(first: number, last: number): Promise<LandedChange[] | undefined> {
    const changes: LandedChange[] = [];
    for (let from = first; from <= last; from += CHANGES_AT_ONCE) {
      const count = Math.min(CHANGES_AT_ONCE, last - from + 1);
      const seqs = Array.from({ length: count }, (_, index) => String(from + index));
      for (const json of await this.redis.hmget(this.keys.changes, ...seqs)) {
        const change = readChange(json);
        if (!change) return undefined;
        changes.push(change);
      }
    }
    return changes;
  }

  /** Bodies by hash, in one round trip; `null` for one that is not there. */
  async blobs(names: readonly string[]): Promise<(Buffer | null)[]> {
    return names.length === 0 ? [] : this.redis.mgetBuffer(...names.map((sha256) => this.keys.blob(sha256)));
  }

  /** What is live, by reference. Read over several round trips: releases that land meanwhile may show in part. */
  async live(): Promise<Map<string, string>> {
    const live = new Map<string, string>();
    let cursor = '0';
    do {
      const [next, members] = await this.redis.hscan(this.keys.live, cursor, 'COUNT', LIVE_AT_ONCE);
      for (let i = 0; i + 1 < members.length; i += 2) live.set(members[i] ?? '', members[i + 1] ?? '');
      cursor = next;
    } while (cursor !== '0');
    return live;
  }

  async settings(sha256: string): Promise<string | null> {
    return this.redis.get(this.keys.settings(sha256));
  }
}

/** A record that cannot be read is as good as none: what is live can be read without it. */
function readChange(json: string | null): LandedChange | undefined {
  if (json === null) return undefined;
  try {
    return decodeChange(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** The environments that have artefacts. */
export async function readEnvironments(redis: Redis, prefix: string): Promise<string[]> {
  return redis.smembers(environmentsKey(prefix));
}
