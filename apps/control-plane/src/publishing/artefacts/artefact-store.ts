import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import {
  artefactKeys,
  type Change,
  CHANGES_KEPT,
  environmentsKey,
  formatRef,
  type Head,
  type Notice,
  sha256Hex,
  stagedKey,
} from '@paddock/contracts';
import { ARTEFACT_REDIS, REDIS_PREFIX } from '../redis.js';
import { ADVANCE, INSPECT, INSTALL, MISSING, MOVE_SETTINGS, REMOVE_IDLE } from './scripts.js';

/** A body under its hash. */
export interface Blob {
  sha256: string;
  body: string;
}

/** A cheap summary of the artefacts of an environment in Redis. */
export interface Inspection {
  head: Head;
  liveDocuments: number;
  hasNewestChange: boolean;
  hasSettings: boolean;
}

/** How long settings stay readable after newer ones: a reader of the old head still finds them. */
const SUPERSEDED_SETTINGS_SECONDS = 3_600;
/** Lifetime of the staged artefacts of a killed rebuild. */
const STAGED_SECONDS = 600;
/** Bodies in one write to Redis: some megabytes at most, so that others get their turn in between. */
const BLOBS_PER_WRITE = 200;

/** Artefacts as they lie in Redis. Every step that readers can see is one atomic script that only moves forward. */
@Injectable()
export class ArtefactStore {
  constructor(
    @Inject(ARTEFACT_REDIS) private readonly redis: Redis,
    @Inject(REDIS_PREFIX) private readonly prefix: string,
  ) {}

  async head(environment: string): Promise<Head | undefined> {
    return parseHead(await this.redis.hgetall(this.keys(environment).head));
  }

  async inspect(environment: string): Promise<Inspection | undefined> {
    const { head, live, changes, settings } = this.keys(environment);
    const [epoch, seq, stateHash, settingsVersion, settingsSha256, liveDocuments, hasNewestChange, hasSettings] =
      asList(await INSPECT.run(this.redis, [head, live, changes, settings('')], [])).map(String);
    const found = parseHead({ epoch, seq, stateHash, settingsVersion, settingsSha256 });
    if (!found) return undefined;
    return {
      head: found,
      liveDocuments: Number(liveDocuments),
      hasNewestChange: found.seq === 0 || hasNewestChange === '1',
      hasSettings: hasSettings === '1',
    };
  }

  /** Which of these blobs are not there. Those that are there are safe from {@link removeIdle} for now. */
  async missing(environment: string, hashes: readonly string[]): Promise<string[]> {
    if (hashes.length === 0) return [];
    const { blob } = this.keys(environment);
    const numbers = asList(await MISSING.run(this.redis, hashes.map(blob), [])).map(Number);
    return numbers.flatMap((number) => hashes[number - 1] ?? []);
  }

  /** Which of these blobs are not there, or have other bytes than their names say. */
  async damaged(environment: string, hashes: readonly string[]): Promise<string[]> {
    if (hashes.length === 0) return [];
    const bodies = await this.redis.mgetBuffer(hashes.map(this.keys(environment).blob));
    return hashes.filter((sha256, index) => {
      const body = bodies[index];
      return !body || sha256Hex(body) !== sha256;
    });
  }

  async putBlobs(environment: string, blobs: readonly Blob[]): Promise<void> {
    const { blob } = this.keys(environment);
    for (let from = 0; from < blobs.length; from += BLOBS_PER_WRITE) {
      const some = blobs.slice(from, from + BLOBS_PER_WRITE);
      await this.redis.mset(some.flatMap(({ sha256, body }) => [blob(sha256), body]));
    }
  }

  /** Lands `changes`, in order and all at once, on top of `seen`. `false` when the head has moved since; then nothing was written. */
  async advance(environment: string, seen: Head, changes: readonly Change[]): Promise<boolean> {
    const last = changes.at(-1);
    if (!last) return true;
    const live = new Map(
      changes.flatMap((change) => change.items.map((item) => [formatRef(item), item.sha256] as const)),
    );
    const records = changes.flatMap((change) => [change.seq, JSON.stringify(change)]);
    const put = [...live].flatMap(([ref, sha256]) => (sha256 === null ? [] : [ref, sha256]));
    const removed = [...live].flatMap(([ref, sha256]) => (sha256 === null ? [ref] : []));
    const keys = this.keys(environment);
    const moved = await ADVANCE.run(
      this.redis,
      [keys.head, keys.live, keys.changes],
      [seen.epoch, seen.seq, last.seq, last.stateHash, CHANGES_KEPT]
        .concat(records.length, records)
        .concat(put.length, put)
        .concat(removed.length, removed),
    );
    return moved === 1;
  }

  /** The staging keys of a rebuild; `token` separates concurrent rebuilds. */
  async stage(environment: string, token: string, fields: { live?: string[]; changes?: string[] }): Promise<void> {
    const keys = this.staged(environment, token);
    const pipeline = this.redis.pipeline();
    for (const [key, values] of [
      [keys.live, fields.live],
      [keys.changes, fields.changes],
    ] as const) {
      if (values && values.length > 0) pipeline.hset(key, ...values).expire(key, STAGED_SECONDS);
    }
    throwFirst(await pipeline.exec());
  }

  /** Replaces all artefacts by the staged ones. `false` when the head of this epoch is already further. */
  async install(environment: string, token: string, head: Head): Promise<boolean> {
    const keys = this.keys(environment);
    const staged = this.staged(environment, token);
    await this.redis.sadd(environmentsKey(this.prefix), environment);
    const installed = await INSTALL.run(
      this.redis,
      [keys.head, keys.live, staged.live, keys.changes, staged.changes],
      [head.epoch, head.seq, head.stateHash, head.settingsVersion, head.settingsSha256],
    );
    return installed === 1;
  }

  async putSettings(environment: string, { sha256, body }: Blob): Promise<void> {
    await this.redis.set(this.keys(environment).settings(sha256), body);
  }

  /** Points the head to newer settings. `false` when it has these or newer ones already, or is not there. */
  async moveSettings(environment: string, epoch: string, version: number, sha256: string): Promise<boolean> {
    const { head, settings } = this.keys(environment);
    const moved = await MOVE_SETTINGS.run(
      this.redis,
      [head, settings(sha256), settings('')],
      [epoch, version, sha256, SUPERSEDED_SETTINGS_SECONDS],
    );
    return moved === 1;
  }

  async notify(environment: string, { seq, settingsVersion }: Head): Promise<void> {
    const notice: Notice = { seq, settingsVersion };
    await this.redis.publish(this.keys(environment).notices, JSON.stringify(notice));
  }

  /** Whether the set of environments for consumers contains it. */
  async isListed(environment: string): Promise<boolean> {
    return (await this.redis.sismember(environmentsKey(this.prefix), environment)) === 1;
  }

  /** Some live blobs by chance. */
  async sampleLive(environment: string, count: number): Promise<string[]> {
    const pairs = await this.redis.hrandfield(this.keys(environment).live, count, 'WITHVALUES');
    return asList(pairs)
      .map(String)
      .filter((_, index) => index % 2 === 1);
  }

  /** Everything live as [ref, sha256], in portions. */
  async *live(environment: string): AsyncGenerator<[ref: string, sha256: string][]> {
    yield* this.scanHash(this.keys(environment).live);
  }

  /** The kept changes as [seq, JSON], in portions. */
  async *changes(environment: string): AsyncGenerator<[seq: string, json: string][]> {
    yield* this.scanHash(this.keys(environment).changes);
  }

  /** Hashes of all blobs that there are, in portions. */
  async *blobs(environment: string): AsyncGenerator<string[]> {
    const base = this.keys(environment).blob('');
    // Braces are plain to MATCH, which knows only *, ?, [ and \; names of environments contain none of these.
    for await (const keys of this.redis.scanStream({ match: `${base}*`, count: 1_000 })) {
      yield asList(keys).map((key) => String(key).slice(base.length));
    }
  }

  /** Removes those of these blobs that were not written, read or requested within `idleSeconds`. */
  async removeIdle(environment: string, hashes: readonly string[], idleSeconds: number): Promise<number> {
    if (hashes.length === 0) return 0;
    return Number(await REMOVE_IDLE.run(this.redis, hashes.map(this.keys(environment).blob), [idleSeconds]));
  }

  private async *scanHash(key: string): AsyncGenerator<[string, string][]> {
    for await (const entries of this.redis.hscanStream(key, { count: 1_000 })) {
      const flat = asList(entries).map(String);
      yield flat.flatMap((name, index) =>
        index % 2 === 0 ? [[name, flat[index + 1] ?? ''] satisfies [string, string]] : [],
      );
    }
  }

  private keys(environment: string) {
    return artefactKeys(this.prefix, environment);
  }

  private staged(environment: string, token: string) {
    const { live, changes } = this.keys(environment);
    return { live: stagedKey(live, token), changes: stagedKey(changes, token) };
  }
}

function parseHead(fields: Readonly<Record<string, string | undefined>>): Head | undefined {
  const { epoch, seq, stateHash, settingsVersion, settingsSha256 } = fields;
  if (!epoch || !seq || !stateHash || !settingsVersion || !settingsSha256) return undefined;
  return { epoch, seq: Number(seq), stateHash, settingsVersion: Number(settingsVersion), settingsSha256 };
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function throwFirst(results: [error: Error | null, result: unknown][] | null): void {
  const failed = results?.find(([error]) => error);
  if (failed?.[0]) throw failed[0];
}
