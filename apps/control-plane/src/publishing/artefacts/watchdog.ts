import { Inject, Injectable } from '@nestjs/common';
import { advanceStateHash, EMPTY_STATE } from '@paddock/contracts';
import { LOGGER, type Logger } from '../../process.js';
import { Deliveries } from '../deliveries.js';
import { PublishingMetrics } from '../metrics.js';
import { Refusals } from '../receipts/refusals.js';
import { ArtefactDelivery } from './artefact-delivery.js';
import { ArtefactStore } from './artefact-store.js';
import { diagnose, type Verified } from './diagnosis.js';
import { LandedReleases, type DatabaseHead } from './landed-releases.js';

/** Number of live bodies whose presence one check tests. */
const SAMPLED_BLOBS = 20;
/** A refusal that stays although no body was damaged has another reason, as a rule, and reading all bodies is expensive. */
const RECHECK_MS = 60_000;

/**
 * Keeps Redis to what MySQL says: finds out that it was emptied, restored, tampered with or left behind, and brings it
 * back. Safe beside deliveries and beside other watchdogs.
 */
@Injectable()
export class Watchdog {
  private readonly verified = new Map<string, Verified>();
  private readonly checked = new Map<string, { seq: number; at: number }>();

  constructor(
    private readonly landed: LandedReleases,
    private readonly store: ArtefactStore,
    private readonly delivery: ArtefactDelivery,
    private readonly deliveries: Deliveries,
    private readonly refusals: Refusals,
    private readonly metrics: PublishingMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A cheap check of every environment, with repairs where needed. */
  async look(): Promise<void> {
    const names = (await this.landed.databaseHeads()).map((databaseHead) => databaseHead.environment);
    const found = new Map(
      await Promise.all(names.map(async (name) => [name, await this.store.inspect(name)] as const)),
    );
    // Read after Redis: what Redis knows must be known to MySQL by now.
    for (const databaseHead of await this.landed.databaseHeads()) {
      const { environment } = databaseHead;
      const seen = found.get(environment);
      this.metrics.lagReleases.set({ environment }, seen ? databaseHead.seq - seen.head.seq : -1);
      const diagnosis = diagnose(seen, databaseHead, this.verified.get(environment));
      if (diagnosis.state === 'damaged') await this.repair(environment, diagnosis.because);
      // Even if all is well: a worker may have died between its delivery and its update of the outbox.
      await this.deliveries.catchUp(environment);
    }
  }

  /** Checks random live bodies, and the environment in the list of environments. */
  async sample(): Promise<void> {
    for (const { environment } of await this.landed.databaseHeads()) {
      // What is not there at all is for `look`.
      if (!(await this.store.head(environment))) continue;
      const hashes = await this.store.sampleLive(environment, SAMPLED_BLOBS);
      const damaged = await this.store.damaged(environment, hashes);
      if (damaged.length > 0) {
        this.logger.error(
          { environment, damaged: damaged.length, sampled: hashes.length },
          'bodies are missing or damaged; they are written again',
        );
        await this.delivery.repairBodies(environment);
      }
      if (!(await this.store.isListed(environment)))
        await this.repair(environment, 'it is not in the list of environments');
    }
  }

  /** Settings have no history that could be compared, only their content. */
  async compareSettings(): Promise<void> {
    for (const { environment } of await this.landed.databaseHeads()) await this.delivery.compareSettings(environment);
  }

  /** An instance that rejects a release may have read damaged bytes, which only a check of all bodies finds. */
  async handleRejections(): Promise<void> {
    for (const { environment, seq } of await this.refusals.standing()) {
      const checked = this.checked.get(environment);
      if (checked?.seq === seq && performance.now() - checked.at < RECHECK_MS) continue;
      const repaired = await this.delivery.repairBodies(environment);
      // Repaired bodies may be damaged again soon: then the next check runs at once.
      if (repaired === 0) this.checked.set(environment, { seq, at: performance.now() });
      else this.logger.error({ environment, seq, repaired }, 'bodies were damaged; they are written again');
    }
  }

  /** Reads everything live and compares its fingerprint with MySQL's: dear, so seldom. */
  async verify(): Promise<void> {
    for (const databaseHead of await this.landed.databaseHeads()) await this.verifyOne(databaseHead);
  }

  private async verifyOne({ environment }: DatabaseHead): Promise<void> {
    const before = await this.store.head(environment);
    if (!before) return;
    const live = new Map<string, string>();
    for await (const portion of this.store.live(environment))
      for (const [ref, sha256] of portion) live.set(ref, sha256);
    const after = await this.store.head(environment);
    // Something landed in the meantime: the next time tells.
    if (after?.epoch !== before.epoch || after.seq !== before.seq) return;
    const stateHash = await fingerprint(live);
    if (stateHash !== before.stateHash)
      return this.repair(environment, `what is live has the fingerprint ${stateHash}, not ${before.stateHash}`);
    this.verified.set(environment, { epoch: before.epoch, seq: before.seq, liveDocuments: live.size });
  }

  private async repair(environment: string, because: string): Promise<void> {
    this.logger.error({ environment, because }, 'artefacts are damaged; they are rebuilt');
    await this.delivery.repair(environment);
  }
}

const REFS_PER_TURN = 2_000;

/** The state hash of live documents as Redis has them; lets others have a turn in between. */
async function fingerprint(live: ReadonlyMap<string, string>): Promise<string> {
  const entries = [...live];
  let hash = EMPTY_STATE;
  for (let from = 0; from < entries.length; from += REFS_PER_TURN) {
    const changes = entries.slice(from, from + REFS_PER_TURN).map(([text, after]) => {
      const [kind = '', site = '', key = ''] = text.split('/');
      return { ref: { kind, site, key }, before: null, after };
    });
    hash = advanceStateHash(hash, changes);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return hash;
}
