import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CHANGES_KEPT, formatRef } from '@paddock/contracts';
import { crashPoint } from '@paddock/runtime';
import { Database } from '../../database/database.js';
import { LOGGER, type Logger } from '../../process.js';
import { LiveState } from '../../releases/live-state.js';
import { ArtefactStore } from './artefact-store.js';
import { firstPortion, LandedReleases, type RevisionName, type DatabaseHead } from './landed-releases.js';
import { SettingsArtefact } from './settings-artefact.js';

/** Number of releases whose items are read at once. */
const RELEASES_PER_READ = 100;
/** Number of bodies that are checked at once. */
const BLOBS_PER_LOOK = 1_000;

/**
 * Rebuilds all artefacts of an environment in Redis from MySQL alone. Bodies that exist are kept, so a rebuild after a
 * crash does not repeat finished work; readers see the result only when it is complete.
 */
@Injectable()
export class ArtefactRebuild {
  constructor(
    private readonly db: Database,
    private readonly liveState: LiveState,
    private readonly landed: LandedReleases,
    private readonly settings: SettingsArtefact,
    private readonly store: ArtefactStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Rebuilds to where MySQL stood a moment ago; what lands meanwhile is for the next delivery. */
  async run(databaseHead: DatabaseHead): Promise<void> {
    const { environment, epoch, seq, stateHash } = databaseHead;
    const began = performance.now();
    const token = uuidv7();
    const documents = await this.stageLive(databaseHead, token);
    await this.stageChanges(databaseHead, token);
    const settings = await this.settings.read(environment);
    await this.store.putSettings(environment, settings);
    crashPoint('rebuild:before-head');
    const head = { epoch, seq, stateHash, settingsVersion: settings.version, settingsSha256: settings.sha256 };
    const installed = await this.store.install(environment, token, head);
    const ms = Math.round(performance.now() - began);
    this.logger.info({ environment, epoch, seq, documents, installed, ms }, 'artefacts rebuilt');
  }

  private async stageLive({ environment, seq }: DatabaseHead, token: string): Promise<number> {
    let documents = 0;
    for await (const page of this.liveState.all(this.db.manager, environment, seq)) {
      await this.putMissing(environment, page);
      await this.store.stage(environment, token, { live: page.flatMap(({ ref, sha256 }) => [formatRef(ref), sha256]) });
      documents += page.length;
      crashPoint('rebuild:mid-live');
    }
    return documents;
  }

  private async stageChanges({ environment, seq }: DatabaseHead, token: string): Promise<void> {
    for (let from = Math.max(0, seq - CHANGES_KEPT); from < seq;) {
      const found = await this.landed.after(environment, from, Math.min(RELEASES_PER_READ, seq - from));
      const portion = firstPortion(found?.releases ?? [], from);
      if (portion.length === 0)
        throw new Error(`${environment}: release ${from + 1} is missing although later ones landed`);
      await this.putMissing(environment, await this.landed.revisionsOf(portion));
      const { changes } = await this.landed.withItems(portion, { bodies: false });
      await this.store.stage(environment, token, {
        changes: changes.flatMap((change) => [String(change.seq), JSON.stringify(change)]),
      });
      from += portion.length;
    }
  }

  /** Writes missing or damaged live bodies again. Returns their number. */
  async repairBodies({ environment, seq }: DatabaseHead): Promise<number> {
    let repaired = 0;
    for await (const page of this.liveState.all(this.db.manager, environment, seq)) {
      repaired += await this.put(environment, page, (hashes) => this.store.damaged(environment, hashes));
    }
    return repaired;
  }

  /** Writes those bodies that are not there yet. */
  async putMissing(environment: string, revisions: readonly RevisionName[]): Promise<void> {
    await this.put(environment, revisions, (hashes) => this.store.missing(environment, hashes));
  }

  private async put(
    environment: string,
    revisions: readonly RevisionName[],
    lacking: (hashes: string[]) => Promise<string[]>,
  ): Promise<number> {
    let count = 0;
    for (let from = 0; from < revisions.length; from += BLOBS_PER_LOOK) {
      const byHash = new Map(
        revisions.slice(from, from + BLOBS_PER_LOOK).map((revision) => [revision.sha256, revision]),
      );
      const wanted = (await lacking([...byHash.keys()])).flatMap((sha256) => byHash.get(sha256) ?? []);
      for await (const blobs of this.landed.bodies(wanted)) await this.store.putBlobs(environment, blobs);
      count += wanted.length;
    }
    return count;
  }
}
