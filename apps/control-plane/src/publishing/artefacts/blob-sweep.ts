import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { type ChangeItem, redisAreas } from '@paddock/contracts';
import { LOGGER, type Logger } from '../../process.js';
import { ARTEFACT_REDIS, REDIS_PREFIX } from '../redis.js';
import { ArtefactStore } from './artefact-store.js';
import { LandedReleases } from './landed-releases.js';

/** A body that was written, read or requested within this time may belong to a running delivery. */
const SPARED_SECONDS = 3_600;
const EVERY_SECONDS = 24 * 3_600;

/**
 * Removes bodies that are neither live nor in a kept change (mark and sweep). A delivery touches the bodies that it
 * needs, so they are not removed during it.
 */
@Injectable()
export class BlobSweep {
  constructor(
    @Inject(ARTEFACT_REDIS) private readonly redis: Redis,
    @Inject(REDIS_PREFIX) private readonly prefix: string,
    private readonly landed: LandedReleases,
    private readonly store: ArtefactStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Sweeps once a day, however often and by however many workers it is called. */
  async daily(): Promise<void> {
    const claimed = await this.redis.set(
      redisAreas(this.prefix).blobsSwept,
      new Date().toISOString(),
      'EX',
      EVERY_SECONDS,
      'NX',
    );
    if (claimed !== 'OK') return;
    for (const { environment } of await this.landed.databaseHeads()) {
      const removed = await this.sweep(environment);
      this.logger.info({ environment, removed }, 'blobs swept');
    }
  }

  /** Returns how many were removed. */
  async sweep(environment: string, sparedSeconds = SPARED_SECONDS): Promise<number> {
    const marked = new Set<string>();
    for await (const portion of this.store.live(environment)) for (const [, sha256] of portion) marked.add(sha256);
    for await (const portion of this.store.changes(environment)) {
      for (const [, json] of portion) {
        const { items }: { items: ChangeItem[] } = JSON.parse(json);
        for (const { sha256 } of items) if (sha256) marked.add(sha256);
      }
    }
    let removed = 0;
    for await (const hashes of this.store.blobs(environment)) {
      const unmarked = hashes.filter((sha256) => !marked.has(sha256));
      removed += await this.store.removeIdle(environment, unmarked, sparedSeconds);
    }
    return removed;
  }
}
