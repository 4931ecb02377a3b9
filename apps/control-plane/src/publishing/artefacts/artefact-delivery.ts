import { Injectable } from '@nestjs/common';
import { CHANGES_KEPT, type Head } from '@paddock/contracts';
import { crashPoint } from '@paddock/runtime';
import { PublishingMetrics } from '../metrics.js';
import { ArtefactRebuild } from './artefact-rebuild.js';
import { ArtefactStore } from './artefact-store.js';
import {
  firstPortion,
  type LandedAfter,
  type LandedRelease,
  LandedReleases,
  type DatabaseHead,
} from './landed-releases.js';
import { contradicts, EpochRotation } from './epoch-rotation.js';
import { KeyedMutex } from './keyed-mutex.js';
import { SettingsArtefact } from './settings-artefact.js';

/** Releases that one step takes at most. */
const RELEASES_PER_STEP = 100;
/** For a release of at most this many items, bodies are written without a check whether Redis has them: that is faster than the check. */
const FEW_ITEMS = 50;

/**
 * Brings an environment's artefacts to the state of MySQL. It never writes the content of a message, only the
 * difference between MySQL and Redis. Each step is a script that fails when another worker was faster, so deliveries
 * may come twice, late, out of order or from several workers at once.
 */
@Injectable()
export class ArtefactDelivery {
  private readonly environments = new KeyedMutex();
  /** By environment: the settings that began a new history, so that two versions of this program cannot take turns. */
  private readonly asserted = new Map<string, string>();

  constructor(
    private readonly landed: LandedReleases,
    private readonly settings: SettingsArtefact,
    private readonly store: ArtefactStore,
    private readonly rebuild: ArtefactRebuild,
    private readonly epochRotation: EpochRotation,
    private readonly metrics: PublishingMetrics,
  ) {}

  /**
   * @returns the current head, and whether this call moved it
   * @throws when MySQL or Redis is unreachable, or MySQL has no such environment
   */
  bringUp(environment: string): Promise<{ head: Head; moved: boolean }> {
    return this.environments.run(environment, () => this.untilCurrent(environment));
  }

  /** Rebuilds the artefacts even if the head looks right. */
  repair(environment: string): Promise<void> {
    return this.environments.run(environment, async () => {
      // First, because a rebuild would replace the head that shows what MySQL has lost.
      await this.untilCurrent(environment);
      const databaseHead = await this.landed.databaseHead(environment);
      if (databaseHead) await this.rebuildFrom(databaseHead);
      await this.untilCurrent(environment);
    });
  }

  /**
   * Begins a new history where Redis has other settings under the version that MySQL has: the settings were restored
   * from a backup and changed again before anyone looked.
   */
  compareSettings(environment: string): Promise<void> {
    return this.environments.run(environment, async () => {
      const head = await this.store.head(environment);
      const databaseHead = await this.landed.databaseHead(environment);
      if (!head || !databaseHead || head.epoch !== databaseHead.epoch) return;
      const { version, sha256 } = await this.settings.read(environment);
      if (
        version !== head.settingsVersion ||
        sha256 === head.settingsSha256 ||
        this.asserted.get(environment) === sha256
      )
        return;
      this.asserted.set(environment, sha256);
      await this.epochRotation.rotate({ databaseHead, because: { published: head, settingsSha256: sha256 } });
      await this.untilCurrent(environment);
    });
  }

  /** Writes damaged bodies again and notifies the consumers that wait for them. Returns their number. */
  repairBodies(environment: string): Promise<number> {
    return this.environments.run(environment, async () => {
      const databaseHead = await this.landed.databaseHead(environment);
      const repaired = databaseHead ? await this.rebuild.repairBodies(databaseHead) : 0;
      const head = repaired > 0 ? await this.store.head(environment) : undefined;
      if (head) await this.store.notify(environment, head);
      return repaired;
    });
  }

  private async untilCurrent(environment: string): Promise<{ head: Head; moved: boolean }> {
    let head = await this.store.head(environment);
    for (let moved = false; ; moved = true) {
      const found = await this.landed.after(environment, head?.seq ?? 0, RELEASES_PER_STEP);
      if (!found) throw new Error(`there is no environment ${environment}`);
      if (head && isAt(head, found.databaseHead)) return { head, moved };
      head = (await this.towards(found, head)) ?? (await this.store.head(environment));
      if (head && isAt(head, found.databaseHead)) return { head, moved: true };
    }
  }

  /** One step. Returns the new head, or `undefined` where the caller has to read it. */
  private async towards(
    { databaseHead, stateHashAt, releases }: LandedAfter,
    head: Head | undefined,
  ): Promise<Head | undefined> {
    const { environment } = databaseHead;
    if (head && contradicts(head, { ...databaseHead, stateHashAt }))
      await this.epochRotation.rotate({ databaseHead, because: { published: head } });
    else if (head?.epoch !== databaseHead.epoch || databaseHead.seq - head.seq > CHANGES_KEPT)
      await this.rebuildFrom(databaseHead);
    else if (head.seq < databaseHead.seq) return this.apply(environment, head, releases);
    else return this.moveSettings(environment, head);
    return undefined;
  }

  /** Applies releases up to the size of one portion. Returns the new head, or `undefined` where another worker was faster. */
  private async apply(environment: string, head: Head, releases: readonly LandedRelease[]): Promise<Head | undefined> {
    const portion = firstPortion(releases, head.seq);
    const last = portion.at(-1);
    if (!last) throw new Error(`${environment}: release ${head.seq + 1} is missing although later ones landed`);
    crashPoint('deliver:before-blobs');
    const few = portion.reduce((sum, release) => sum + release.itemCount, 0) <= FEW_ITEMS;
    const { changes, blobs } = await this.landed.withItems(portion, { bodies: few });
    if (few) await this.store.putBlobs(environment, blobs);
    else await this.rebuild.putMissing(environment, await this.landed.revisionsOf(portion));
    crashPoint('deliver:after-blobs');
    crashPoint('deliver:before-head');
    const moved = await this.store.advance(environment, head, changes);
    crashPoint('deliver:after-head');
    return moved ? this.notified(environment, { ...head, seq: last.seq, stateHash: last.stateHash }) : undefined;
  }

  private async moveSettings(environment: string, head: Head): Promise<Head | undefined> {
    const { version, sha256, body } = await this.settings.read(environment);
    await this.store.putSettings(environment, { sha256, body });
    crashPoint('deliver:before-head');
    const moved = await this.store.moveSettings(environment, head.epoch, version, sha256);
    crashPoint('deliver:after-head');
    return moved
      ? this.notified(environment, { ...head, settingsVersion: version, settingsSha256: sha256 })
      : undefined;
  }

  private async notified(environment: string, head: Head): Promise<Head> {
    await this.store.notify(environment, head);
    crashPoint('deliver:after-notice');
    return head;
  }

  private async rebuildFrom(databaseHead: DatabaseHead): Promise<void> {
    this.metrics.rebuilds.inc({ environment: databaseHead.environment });
    await this.rebuild.run(databaseHead);
    const head = await this.store.head(databaseHead.environment);
    if (head) await this.store.notify(databaseHead.environment, head);
  }
}

function isAt(head: Head, databaseHead: DatabaseHead): boolean {
  const { epoch, seq, stateHash, settingsVersion } = databaseHead;
  return (
    head.epoch === epoch && head.seq === seq && head.stateHash === stateHash && head.settingsVersion === settingsVersion
  );
}
