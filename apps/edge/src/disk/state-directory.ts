import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crashPoint, type Logger, writeWhole } from '@paddock/runtime';
import type { Environment, Step } from '../state/environment.js';
import type { LiveDocument, Position } from '../state/live-state.js';
import type { AppliedChange } from '../state/recent-changes.js';
import { generations, removeBefore, removeUnfinished, snapshotName } from './files.js';
import { Journal } from './journal.js';
import { encodeDocuments, encodeSnapshotEnd, encodeSnapshotHead, encodeStep, type SnapshotHead } from './records.js';
import { DamagedState, type Memory, recover, type Recovered } from './recover.js';

/** A journal is folded into a new snapshot when it is larger than this and than half of the last snapshot. */
const MIN_JOURNAL_BYTES = 8 << 20;
/** Bytes of bodies per snapshot frame; the event loop is free in between. */
const FRAME_BYTES = 64 << 10;
/** After a failure the disk is left alone for so long. */
const RETRY_MS = 5_000;
/** How long the disk may take: a write holds up the release that it keeps, a sync only its receipt. */
export interface Patience {
  writeMs: number;
  syncMs: number;
}

/**
 * The last known good state of one environment on disk: a snapshot, and a journal of what was applied since, so that a
 * release costs what it changed. A failing or hanging disk stops nothing: the environment is served from memory and the
 * disk is tried again, with everything, a little later.
 */
export class StateDirectory {
  private journal: Journal | undefined;
  private snapshot = 0;
  private snapshotBytes = 0;
  private newest = 0;
  private compacting: Promise<void> | undefined;
  private retryAt = 0;
  /** Why the last attempt to write failed; `undefined` while all is well. */
  problem: string | undefined;

  constructor(
    private readonly directory: string,
    private readonly logger: Logger,
    private readonly patience: Patience = { writeMs: 1_000, syncMs: 5_000 },
  ) {}

  /** What was there from before. Never throws: an unreadable disk is an empty one, and says so in the log. */
  async recover(environment: string, memory: Memory): Promise<Recovered | undefined> {
    try {
      await removeUnfinished(this.directory);
      this.newest = Math.max(
        0,
        ...(await generations(this.directory, 'snapshot')),
        ...(await generations(this.directory, 'journal')),
      );
      const recovered = await recover(this.directory, environment, memory);
      if (recovered) await this.resume(recovered);
      return recovered;
    } catch (error) {
      // A disk that can be read can be written: the next snapshot replaces what is damaged.
      if (error instanceof DamagedState) this.problem = error.message;
      else this.failed('could not read the state directory', error);
      return undefined;
    }
  }

  /**
   * Writes a step before it is applied: what was served once is served again after a restart. Resolves when the system
   * has it, whether or not that worked.
   */
  async append(before: Position, step: Step, changes: readonly AppliedChange[]): Promise<void> {
    try {
      await within(this.patience.writeMs, this.journal?.append(encodeStep(before, step, changes)));
    } catch (error) {
      this.abandonJournal(error);
    }
  }

  /** Makes what was appended durable, as far as the disk can. */
  async sync(): Promise<void> {
    try {
      crashPoint('edge:before-fsync');
      await within(this.patience.syncMs, this.journal?.sync());
      crashPoint('edge:after-persist');
    } catch (error) {
      this.abandonJournal(error);
    }
  }

  /** The state was read in full: the journal on disk no longer leads to it, and a new snapshot is due. */
  replaced(): void {
    void this.journal?.close().catch(() => undefined);
    this.journal = undefined;
  }

  /** Begins a new snapshot when one is due: its journal at once, the rest in the background. To be called between two steps. */
  async maintain(environment: Environment): Promise<void> {
    const { journal } = this;
    const due = !journal || this.snapshot === 0 || journal.size > Math.max(MIN_JOURNAL_BYTES, this.snapshotBytes / 2);
    if (!due || this.compacting || !environment.state || Date.now() < this.retryAt) return;
    try {
      await within(this.patience.writeMs, mkdir(this.directory, { recursive: true, mode: 0o700 }));
      this.newest += 1;
      const next = await within(this.patience.writeMs, Journal.create(this.directory, this.newest));
      if (next) this.begin(next, environment);
    } catch (error) {
      this.failed('could not begin a snapshot', error);
    }
  }

  /** Resolves when no snapshot is being written. */
  async idle(): Promise<void> {
    await this.compacting;
  }

  async close(): Promise<void> {
    await this.idle();
    await this.journal?.sync().catch(() => undefined);
    await this.journal?.close().catch(() => undefined);
    this.journal = undefined;
  }

  /** Within one tick: from here on steps go to the new journal, and the snapshot is what was live at this moment. */
  private begin(journal: Journal, environment: Environment): void {
    const { state, settings } = environment;
    if (!state) return;
    this.replaced();
    this.journal = journal;
    const named = settings && { sha256: settings.sha256, settings: settings.settings };
    const head = {
      position: state.position,
      proved: state.refused.length > 0 ? state.proved : undefined,
      settings: named,
      documents: state.size,
    };
    const written = this.write(journal.generation, environment.name, head, [...state.documents()]);
    this.compacting = written.finally(() => (this.compacting = undefined));
  }

  /** Documents are immutable, so the list is the state of the moment it was made in, however long the writing takes. */
  private async write(
    generation: number,
    environment: string,
    head: SnapshotHead,
    documents: LiveDocument[],
  ): Promise<void> {
    try {
      let bytes = 0;
      const scratch = Buffer.allocUnsafeSlow(4 * FRAME_BYTES);
      await writeWhole(this.directory, snapshotName(generation), async (file) => {
        await file.write(encodeSnapshotHead(environment, head));
        for (const portion of portionsOf(documents)) {
          const frame = encodeDocuments(portion, scratch);
          await file.write(frame);
          bytes += frame.length;
          crashPoint('edge:mid-snapshot');
          await setImmediate();
        }
        await file.write(encodeSnapshotEnd());
      });
      const previous = this.snapshot;
      this.snapshot = generation;
      this.snapshotBytes = bytes;
      this.problem = undefined;
      // The one before stays, for the case that this one cannot be read one day.
      if (previous > 0) await removeBefore(this.directory, previous);
    } catch (error) {
      this.failed('could not write a snapshot', error);
    }
  }

  private async resume({ snapshot, journal, damage }: Recovered): Promise<void> {
    this.snapshot = snapshot;
    this.snapshotBytes = (await stat(join(this.directory, snapshotName(snapshot)))).size;
    if (damage.length > 0)
      this.logger.warn(
        { directory: this.directory, damage },
        'parts of the state on disk are damaged and were left out',
      );
    const snapshotsIntact = snapshot === Math.max(...(await generations(this.directory, 'snapshot')));
    if (journal?.generation === this.newest && snapshotsIntact) {
      this.journal = await Journal.resume(this.directory, journal.generation, journal.goodBytes);
    }
  }

  private abandonJournal(error: unknown): void {
    this.failed('could not write to the state directory', error);
    this.replaced();
  }

  private failed(what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.problem !== reason) this.logger.error({ err: error, directory: this.directory }, what);
    this.problem = reason;
    this.retryAt = Date.now() + RETRY_MS;
  }
}

/** Parts in which patience passes. */
const SLICES = 10;

/**
 * Patience passes only while this process runs, in slices: a pause costs one of them, however long it was. Its end would
 * otherwise come before the answer that has been waiting all the while.
 * @throws Error when the disk takes longer; the work itself continues
 */
async function within<T>(ms: number, work: Promise<T> | undefined): Promise<T | undefined> {
  const deadline = Promise.withResolvers<never>();
  let left = SLICES;
  const timer = setInterval(() => {
    left -= 1;
    if (left === 0) deadline.reject(new Error(`the disk did not answer within ${ms} ms`));
  }, ms / SLICES);
  try {
    return await Promise.race([work, deadline.promise]);
  } finally {
    clearInterval(timer);
  }
}

function* portionsOf(documents: readonly LiveDocument[]): Iterable<LiveDocument[]> {
  let portion: LiveDocument[] = [];
  let bytes = 0;
  for (const document of documents) {
    portion.push(document);
    bytes += document.blob.length;
    if (bytes < FRAME_BYTES) continue;
    yield portion;
    portion = [];
    bytes = 0;
  }
  if (portion.length > 0) yield portion;
}
