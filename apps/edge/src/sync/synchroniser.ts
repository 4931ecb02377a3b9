import { continuesFrom, type Head, type LandedChange } from '#contracts';
import { type HeadAndChanges, type RefusedRelease, RetryPace } from '#live-config';
import { continueTrace, crashPoint, type Logger, traceparentOf } from '#runtime';
import type { StateDirectory } from '../disk/state-directory.js';
import type { Environment, NamedSettings } from '../state/environment.js';
import type { PreparedUpdate } from '../state/live-state.js';
import { MANY_DOCUMENTS, releaseGarbage } from '../state/release-garbage.js';
import { assembleStep, type Bodies } from './assemble-step.js';
import { fetchSettings } from './fetch-settings.js';
import { readEverything } from './read-everything.js';

/** Hears what became of releases, to tell the control plane. */
export interface Reporter {
  /** Applied and, as far as the disk can, kept. `traceparent` is the last one's, as it goes on from here. */
  applied(
    environment: Environment,
    changes: readonly LandedChange[],
    at: number,
    traceparent: string | undefined,
  ): void;
  rejected(environment: Environment, releases: readonly RefusedRelease[], reason: string): void;
  /** A state was read in full: releases that led to it are not known one by one. */
  caughtUp(environment: Environment): void;
}

/** So many releases before a head that cannot be applied are tried one by one, before larger steps back are taken. */
const SINGLE_STEPS_BACK = 20;

interface SortedReleases {
  readonly applied: readonly LandedChange[];
  readonly refused: readonly { readonly change: LandedChange; readonly reason: string }[];
}

/** Why everything that is live could not be read. */
interface FailedRead {
  head: Head;
  reason: string;
}

/**
 * Brings one environment to its head, and never back within one history. Releases are applied only where they continue
 * from the state that is held; otherwise everything is read. Whatever is broken upstream changes nothing here: the last
 * good state stays, and the next head, notice or attempt tries again.
 */
export class Synchroniser {
  private running: Promise<void> | undefined;
  private again = false;
  private settingsProblem: string | undefined;
  private readonly pace = new RetryPace();
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly environment: Environment,
    private readonly bodies: Bodies,
    private readonly directory: StateDirectory,
    private readonly reporter: Reporter,
    private readonly logger: Logger,
  ) {}

  /** Looks at the head once more. Calls during a look lead to one more look, however many they are. */
  pull(): Promise<void> {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.pullUntilQuiet().finally(() => (this.running = undefined));
    return this.running;
  }

  /** Looks at once, also at what failed a moment ago: upstream says that something changed. */
  hear(): Promise<void> {
    this.pace.hurry();
    return this.pull();
  }

  /** Resolves when no look is under way; none begins by itself afterwards. */
  async close(): Promise<void> {
    await this.running?.catch(() => undefined);
    clearTimeout(this.retry);
  }

  private async pullUntilQuiet(): Promise<void> {
    do {
      this.again = false;
      await this.pullOnce();
    } while (this.again);
  }

  /** @throws what Redis says when it is away, ShapeError for a head that is none */
  private async pullOnce(): Promise<void> {
    const { environment } = this;
    const { source } = this.bodies;
    const from = environment.state?.position.seq;
    // Without a state, releases lead nowhere: what is live is read instead.
    const found = from === undefined ? { head: await source.head(), likely: [] } : await source.headAndChanges(from);
    environment.heardAt = Date.now();
    const { head } = found;
    // Redis was emptied, or nothing was ever published: the watchdog upstream will see to it.
    if (!head) return;
    const position = environment.state?.position;
    const settings = await this.newSettings(head, position?.epoch !== head.epoch);
    if (!position || position.epoch !== head.epoch) await this.readAnew(head, settings, 'another history');
    else if (head.seq > position.seq) await this.forward(found, head, settings);
    else if (head.seq === position.seq && head.stateHash !== position.stateHash)
      await this.readAnew(head, settings, 'another state at the same seq');
    else await this.stand(head, settings);
    await this.directory.maintain(environment);
  }

  /** No release is new; settings may be. A head that lies behind is an upstream that lost something: it is waited for, not followed. */
  private async stand(head: Head, settings: NamedSettings | undefined): Promise<void> {
    if (settings) await this.apply([], [], settings);
    const seq = this.environment.state?.position.seq ?? 0;
    if (head.seq === seq) this.environment.rejection = undefined;
  }

  private async forward({ likely }: HeadAndChanges, head: Head, settings: NamedSettings | undefined): Promise<void> {
    const first = (this.environment.state?.position.seq ?? 0) + 1;
    const rest = first + likely.length;
    const more = rest <= head.seq ? await this.bodies.source.changes(rest, head.seq) : [];
    const changes = more && [...likely, ...more];
    const { state } = this.environment;
    if (!changes || !state) await this.readAnew(head, settings, 'releases in between are no longer kept');
    else if (!continuesFrom(state.position, changes))
      await this.readAnew(head, settings, 'the releases do not continue from the state held here');
    else await this.applyWhatWorks(changes, head, settings);
  }

  /** All releases in one step, or as many from the first as lead to a good state. */
  private async applyWhatWorks(
    changes: readonly LandedChange[],
    head: Head,
    settings: NamedSettings | undefined,
  ): Promise<void> {
    const { state } = this.environment;
    if (!state) return;
    let reason: string | undefined;
    for (const count of stepSizes(changes.length)) {
      const assembled = await assembleStep(state, changes.slice(0, count), this.bodies);
      if (!assembled.ok) {
        if (
          reason === undefined &&
          assembled.otherState &&
          (await this.read(head, settings, assembled.reason)) === undefined
        )
          return;
        reason ??= assembled.reason;
        continue;
      }
      await this.apply(changes.slice(0, count), assembled.updates, settings);
      if (count === changes.length) this.environment.rejection = undefined;
      else if (count < changes.length - SINGLE_STEPS_BACK) this.again = true;
      if (reason !== undefined) this.reject(changes.slice(count), reason);
      return;
    }
    if (settings) await this.apply([], [], settings);
    this.reject(changes, reason ?? 'nothing to apply');
  }

  private async apply(
    changes: readonly LandedChange[],
    updates: PreparedUpdate[],
    settings: NamedSettings | undefined,
  ): Promise<void> {
    const { environment, directory } = this;
    const before = environment.state?.position;
    if (!before) return;
    const last = changes.at(-1);
    await continueTrace(
      last?.traceparent,
      'edge apply',
      { environment: environment.name, seq: last?.seq ?? before.seq },
      async () => {
        const position = last ? { epoch: before.epoch, seq: last.seq, stateHash: last.stateHash } : before;
        const step = { position, changes: [...changes], updates, settings };
        const impact = environment.impactOf(changes, updates);
        await directory.append(before, step, impact);
        crashPoint('edge:before-apply');
        environment.advance(step, impact);
        const appliedAt = Date.now();
        const told = this.sorted(changes);
        crashPoint('edge:after-apply');
        const traceparent = traceparentOf();
        // Not waited for: how long the disk takes must not delay the next release.
        void directory.sync().then(() => {
          if (last) this.tell(told, appliedAt, traceparent);
        });
      },
    );
  }

  /** Releases that are applied, and those of which a document is refused, with the reason. As it is now: the next release may change it. */
  private sorted(changes: readonly LandedChange[]): SortedReleases {
    const { state } = this.environment;
    const refused = changes.flatMap((change) => {
      const reason = state?.refusedIn(change);
      return reason === undefined ? [] : [{ change, reason }];
    });
    const rejected = new Set(refused.map(({ change }) => change));
    return { applied: changes.filter((change) => !rejected.has(change)), refused };
  }

  private tell({ applied, refused }: SortedReleases, at: number, traceparent: string | undefined): void {
    this.reporter.applied(this.environment, applied, at, traceparent);
    for (const { change, reason } of refused) {
      const { seq, requestId } = change;
      this.logger.error({ environment: this.environment.name, seq, reason, requestId }, 'documents refused');
      this.reporter.rejected(this.environment, [change], reason);
    }
  }

  private async readAnew(head: Head, settings: NamedSettings | undefined, why: string): Promise<void> {
    const failed = await this.read(head, settings, why);
    if (failed && failed !== 'not due') this.reject([failed.head], failed.reason);
  }

  /** Reads everything that is live and exchanges the state for it. Nothing is returned where that worked. */
  private async read(
    head: Head,
    settings: NamedSettings | undefined,
    why: string,
  ): Promise<FailedRead | 'not due' | undefined> {
    const { environment, bodies, directory, pace } = this;
    const target = nameOf(head);
    if (!pace.isDue(target, Date.now())) return 'not due';
    this.logger.info({ environment: environment.name, why }, 'reading everything that is live');
    const read = await readEverything(bodies, environment.state);
    if (!read.ok) {
      this.retryIn(pace.failed(target, Date.now()));
      return { head: read.head ?? head, reason: read.reason };
    }
    pace.succeeded();
    if (!environment.serves && read.state.size > MANY_DOCUMENTS) releaseGarbage();
    crashPoint('edge:before-apply');
    environment.replace(read.state, settings);
    environment.noteRefused(read.recent);
    environment.rejection = undefined;
    crashPoint('edge:after-apply');
    directory.replaced();
    const { position, size } = read.state;
    this.logger.info({ environment: environment.name, seq: position.seq, documents: size }, 'state read');
    if (read.state.proved.seq === position.seq) this.reporter.caughtUp(environment);
    const { refused } = this.sorted(read.recent);
    this.tell({ applied: [], refused }, Date.now(), undefined);
    return undefined;
  }

  private retryIn(ms: number): void {
    clearTimeout(this.retry);
    // An upstream that is away is noted by the polls, which meet the same error.
    this.retry = setTimeout(() => void this.pull().catch(() => undefined), ms);
  }

  /** Notes why the head is not reached, and tells it once. */
  private reject(releases: readonly RefusedRelease[], reason: string): void {
    const newest = releases.at(-1);
    const seq = newest?.seq ?? 0;
    const known = this.environment.rejection;
    if (known?.seq === seq && known.reason === reason) return;
    this.environment.rejection = { seq, reason, since: Date.now() };
    this.logger.error(
      { environment: this.environment.name, seq, reason, requestId: newest?.requestId },
      'release rejected',
    );
    this.reporter.rejected(this.environment, releases, reason);
  }

  private async newSettings(head: Head, otherHistory: boolean): Promise<NamedSettings | undefined> {
    const known = this.environment.settings;
    const isNew = otherHistory || !known || head.settingsVersion >= known.version;
    if (!isNew || head.settingsSha256 === '' || known?.sha256 === head.settingsSha256) return undefined;
    const fetched = await fetchSettings(this.bodies.source, this.environment.name, head.settingsSha256);
    const problem = fetched.ok ? undefined : fetched.reason;
    if (problem !== undefined && problem !== this.settingsProblem) {
      this.logger.error(
        { environment: this.environment.name, version: head.settingsVersion, reason: problem },
        'settings rejected',
      );
    }
    this.settingsProblem = problem;
    return fetched.ok ? fetched.named : undefined;
  }
}

/** From all of them down: by ones at first, then by halves. */
function* stepSizes(all: number): Iterable<number> {
  let count = all;
  while (count > 0) {
    yield count;
    count = all - count < SINGLE_STEPS_BACK ? count - 1 : Math.floor(count / 2);
  }
}

function nameOf({ epoch, seq, stateHash }: Head): string {
  return `${epoch} ${seq} ${stateHash}`;
}
