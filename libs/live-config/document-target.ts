import { type LandedChange, splitRef } from '@paddock/contracts';
import { crashPoint, type Logger } from '@paddock/runtime';
import { type ConfigState, withChanges } from './config-state.js';
import { fetchDocuments, UnusableBodies } from './fetch-documents.js';
import { lastWriteWins, oldestRelease, type Version } from './last-write-wins.js';
import { withLandings } from './landings.js';
import { newestReleases } from './newest-releases.js';
import type { RedisSource } from './redis-source.js';
import { RefusalLedger } from './refusal-ledger.js';
import { type Apply, documentsInForce, type Refusals, takeOver } from './refused-documents.js';
import { RetryPace } from './retry-pace.js';
import { StateFile } from './state-file.js';
import type { Assembled, Held, NamedState, ReadState, Rejection, Target, Verdict } from './target.js';

/** The options of a {@link DocumentTarget}. */
export interface DocumentTargetParts {
  readonly environment: string;
  /** The kinds that concern the consumer. */
  readonly kinds: readonly string[];
  readonly stateDir: string;
  readonly source: RedisSource;
  readonly logger: Logger;
  readonly apply: Apply;
  /** Called with rejected releases whose documents are in force by now. */
  readonly healed: (epoch: string, seqs: readonly number[]) => void;
}

/** A state to take over, and the releases that led to it as far as they are known. */
interface DocumentStep {
  readonly state: ConfigState;
  readonly changes: readonly LandedChange[];
  /** Nothing in the releases concerns this consumer: the position alone is new. */
  readonly isElsewhere: boolean;
}

/**
 * The documents of some kinds, as a consumer other than an edge holds them: in memory, on disk as one file, and handed
 * to `apply` with every step.
 *
 * A step is proved by the names of the bodies and by the chain of state hashes: its first release must name the state
 * that is held here. The hash itself, which covers all kinds, is proved whenever everything is read.
 */
export class DocumentTarget implements Target<DocumentStep> {
  rejection: Rejection | undefined;
  /** When upstream answered last, in epoch milliseconds; `undefined` before its first answer. */
  heardAt: number | undefined;
  /** The refused documents. */
  readonly ledger = new RefusalLedger();
  private current: ConfigState | undefined;
  private readonly kinds: ReadonlySet<string>;
  private readonly file: StateFile;
  private readonly refusedPace = new RetryPace();
  private isKept = true;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly parts: DocumentTargetParts) {
    this.kinds = new Set(parts.kinds);
    this.file = new StateFile(parts.stateDir, parts.environment, [...this.kinds].sort());
  }

  /** The state that was applied last, with its refused documents; `undefined` before the first. */
  get state(): ConfigState | undefined {
    return this.current;
  }

  get held(): Held | undefined {
    const { proved, remark } = this.ledger;
    return this.current && { position: this.current.position, proved, remark };
  }

  /** Applies the state on disk, if there is one. An unusable state does not stop the start, because upstream has everything. */
  async recover(): Promise<void> {
    const { logger, environment, apply } = this.parts;
    try {
      const kept = await this.file.read();
      if (!kept) return;
      const { state, refusals, proved } = kept;
      const found = await takeOver(state, documentsInForce(state.documents, refusals), apply);
      this.current = state;
      this.ledger.restore(refusals, proved);
      this.recordRefusals(found, []);
      logger.info(
        { environment, seq: state.position.seq, documents: state.documents.size },
        'config taken up from disk',
      );
      // After an upgrade rules may be stricter than those under which the state was published.
      if (found.size > 0) logger.error({ environment, reason: this.ledger.remark }, 'documents refused');
    } catch (error) {
      logger.error({ err: error, environment }, 'the config on disk cannot be used');
    }
  }

  heard(): Promise<void> {
    this.heardAt = Date.now();
    return Promise.resolve();
  }

  async assemble(changes: readonly LandedChange[]): Promise<Assembled<DocumentStep>> {
    const { current } = this;
    const last = changes.at(-1);
    if (!current || !last) return { ok: false, reason: 'nothing to apply' };
    const position = { epoch: current.position.epoch, seq: last.seq, stateHash: last.stateHash };
    const versions = lastWriteWins(changes, (kind) => this.kinds.has(kind));
    if (versions.length === 0)
      return { ok: true, step: { state: { ...current, position }, changes, isElsewhere: true } };
    const documents = await this.fetch(versions);
    if (documents instanceof UnusableBodies) {
      const { message: reason, reasons } = documents;
      return { ok: false, reason, since: oldestRelease(versions, new Set(reasons.keys())) };
    }
    const state = { position, documents: withChanges(current.documents, documents) };
    return { ok: true, step: { state, changes, isElsewhere: false } };
  }

  async readAll({ head, names }: NamedState): Promise<ReadState<DocumentStep>> {
    const { epoch, seq, stateHash } = head;
    const recent = await newestReleases(this.parts.source, head);
    const versions = [...names].flatMap(([name, sha256]) => {
      const ref = splitRef(name);
      return ref && this.kinds.has(ref.kind) ? [{ ref, sha256 }] : [];
    });
    const documents = await this.fetch(await withLandings(this.parts.source, head, versions));
    if (documents instanceof UnusableBodies) return { ok: false, reason: documents.message };
    const state = { position: { epoch, seq, stateHash }, documents: withChanges(new Map(), documents) };
    return { ok: true, step: { state, changes: recent, isElsewhere: false }, recent };
  }

  async apply({ state, changes, isElsewhere }: DocumentStep): Promise<string | undefined> {
    if (!isElsewhere) {
      crashPoint('config:before-apply');
      let found: Refusals;
      try {
        found = await takeOver(state, this.inForce(), this.parts.apply);
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
      this.current = state;
      this.recordRefusals(found, changes);
      this.isKept = false;
    }
    this.current = state;
    this.ledger.prove(state.position, changes);
    if (!isElsewhere) crashPoint('config:after-apply');
    return undefined;
  }

  /** Writes run one after the other: each writes the state at the time of its call. */
  keep(): Promise<void> {
    const { current: state, isKept } = this;
    const { refusals, proved } = this.ledger;
    if (!state || isKept) return this.writing;
    this.isKept = true;
    const { environment, logger } = this.parts;
    this.writing = this.writing
      .then(() => this.file.write({ state, refusals, ...(proved ? { proved } : {}) }))
      .catch((error: unknown) =>
        logger.error({ err: error, environment }, 'config is applied but cannot be kept on disk'),
      )
      .then(() => crashPoint('config:before-receipt'));
    return this.writing;
  }

  verdict(change: LandedChange): Verdict {
    if (!change.items.some(({ kind }) => this.kinds.has(kind))) return 'SKIPPED';
    const refused = this.ledger.refusalsIn(change);
    return refused === undefined ? 'APPLIED' : { refused };
  }

  /** At the head, refused documents are tried again: a file, a name or a limit may have changed since. */
  async rest(atHead: boolean): Promise<void> {
    const { current: state } = this;
    const { refusals } = this.ledger;
    if (!atHead || !state || refusals.size === 0) return;
    const name = String(state.position.seq);
    if (!this.refusedPace.isDue(name, Date.now())) return;
    this.refusedPace.failed(name, Date.now());
    const known = this.inForce();
    const same = ({ documents }: ConfigState): boolean =>
      documents.size === known.size && [...documents].every(([ref, { sha256 }]) => known.get(ref)?.sha256 === sha256);
    // The state in force is not applied once more. Where every document fails again, the next attempt follows later.
    const found = await takeOver(state, known, async (next) => (same(next) ? undefined : this.parts.apply(next))).catch(
      () => undefined,
    );
    if (!found || (found.size === refusals.size && [...found.keys()].every((ref) => refusals.has(ref)))) return;
    this.recordRefusals(found, []);
    this.isKept = false;
    await this.keep();
  }

  private inForce(): ConfigState['documents'] {
    return documentsInForce(this.current?.documents ?? new Map(), this.ledger.refusals);
  }

  /** @throws what Redis says when it is unreachable */
  private async fetch(
    versions: readonly Version[],
  ): Promise<Awaited<ReturnType<typeof fetchDocuments>> | UnusableBodies> {
    try {
      return await fetchDocuments(this.parts.source, versions, this.current?.documents ?? new Map());
    } catch (error) {
      if (error instanceof UnusableBodies) return error;
      throw error;
    }
  }

  /** Records the refused documents, and reports releases whose refused documents are now in force. */
  private recordRefusals(found: Refusals, brought: readonly LandedChange[]): void {
    if (!this.current) return;
    const healed = this.ledger.update(found, brought, this.current);
    if (healed.length > 0) this.parts.healed(this.current.position.epoch, healed);
  }
}
