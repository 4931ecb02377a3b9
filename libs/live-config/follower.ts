import type { Head, LandedChange } from '@paddock/contracts';
import { continueTrace, type Logger, traceparentOf } from '@paddock/runtime';
import type { ConfigPosition } from './config-state.js';
import { afterFailure, decideStep, type FailedSteps, mayReplace } from './decide-step.js';
import { readLiveNames } from './live-names.js';
import type { ReceiptReporter, RefusedRelease } from './receipt-reporter.js';
import type { RedisSource } from './redis-source.js';
import { RetryPace } from './retry-pace.js';
import type { Failure, NamedState, Target } from './target.js';

/** The collaborators of a follower. */
export interface FollowerParts<Step> {
  readonly environment: string;
  /** The class of consumer, `edge`. */
  readonly consumer: string;
  readonly source: RedisSource;
  readonly target: Target<Step>;
  readonly reporter: Pick<ReceiptReporter, 'applied' | 'skipped' | 'rejected' | 'caughtUp'>;
  readonly logger: Logger;
}

/** The outcome of reading everything. `WAIT`: it is too early to try again, or upstream has gone back meanwhile. */
type ReadOutcome = 'READ' | 'WAIT' | { readonly head: Head; readonly reason: string };

/**
 * Brings one consumer to the head of one environment, and never back within one history. `decideStep` chooses the way:
 * releases are applied where they continue the held state, otherwise everything is read. Damage upstream has no effect
 * here: the last good state stays in force, and the next head, notice or attempt tries again. The control plane gets a
 * receipt for each release.
 */
export class Follower<Step> {
  private running: Promise<void> | undefined;
  private again = false;
  private closed = false;
  private readonly pace = new RetryPace();
  private retry: NodeJS.Timeout | undefined;

  constructor(private readonly parts: FollowerParts<Step>) {}

  /**
   * Checks the head. Any number of calls during a check cause one more check.
   * @throws what Redis says when it is unreachable, ShapeError for a head that cannot be read
   */
  pull(): Promise<void> {
    this.again = true;
    this.running ??= this.lookUntilQuiet().finally(() => (this.running = undefined));
    return this.running;
  }

  /** Checks at once, and retries recent failures: upstream has announced a change. */
  hear(): Promise<void> {
    this.pace.hurry();
    return this.pull();
  }

  /** Resolves when no check is under way and the applied state is on disk; no check begins by itself afterwards. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running?.catch(() => undefined);
    clearTimeout(this.retry);
    await this.parts.target.keep();
  }

  private async lookUntilQuiet(): Promise<void> {
    while (this.again) {
      this.again = false;
      await this.check();
    }
  }

  private async check(): Promise<void> {
    const { source, target } = this.parts;
    const seq = this.position?.seq;
    // Without a state no release can be applied.
    const { head, likely } =
      seq === undefined ? { head: await source.head(), likely: [] } : await source.headAndChanges(seq);
    await target.heard(head);
    // Redis was emptied, or nothing was ever published: the watchdog of the control plane fills it again.
    if (!head) return;
    const decision = decideStep({ held: this.position, head });
    if (decision.action === 'STAY') target.rejection = undefined;
    if (decision.action === 'READ_ALL') await this.readAll(head, decision.why);
    if (decision.action === 'FORWARD') await this.forward(head, await this.between(decision, likely));
    const { held } = target;
    await target.rest(held !== undefined && decideStep({ held: held.position, head }).action === 'STAY');
  }

  private get position(): ConfigPosition | undefined {
    return this.parts.target.held?.position;
  }

  /** The releases of a step; those that came with the head are not read again. */
  private async between(
    { from, to }: { readonly from: number; readonly to: number },
    likely: readonly LandedChange[],
  ): Promise<readonly LandedChange[] | 'LOST'> {
    const known = likely.filter(({ seq }) => seq <= to);
    const more = await this.parts.source.changes(from + known.length, to);
    return more ? [...known, ...more] : 'LOST';
  }

  /** Applies as many releases as lead to a good state, and rejects the rest. */
  private async forward(head: Head, between: readonly LandedChange[] | 'LOST'): Promise<void> {
    let failed: FailedSteps | undefined;
    let reason: string | undefined;
    let rest = between;
    for (;;) {
      const decision = decideStep({ held: this.position, head, between: rest, failed });
      if (decision.action === 'READ_ALL') return this.readAll(head, decision.why);
      if (decision.action !== 'FORWARD' || rest === 'LOST') break;
      const { to } = decision;
      const failure = await this.step(rest.filter(({ seq }) => seq <= to));
      if (!failure) {
        rest = rest.filter(({ seq }) => seq > to);
        continue;
      }
      if (reason === undefined && failure.otherState && (await this.read(head, failure.reason)) === 'READ') return;
      reason ??= failure.reason;
      failed = afterFailure(failed, to, failure.since);
    }
    if (reason === undefined) this.parts.target.rejection = undefined;
    else if (rest !== 'LOST') this.reject(rest, reason);
  }

  /** Applies releases together. @returns why it cannot */
  private async step(changes: readonly LandedChange[]): Promise<Failure | undefined> {
    const { target, consumer, environment } = this.parts;
    const assembled = await target.assemble(changes);
    if (!assembled.ok) return assembled;
    const last = changes.at(-1);
    const reason = await continueTrace(
      last?.traceparent,
      `${consumer} apply`,
      { environment, ...(last ? { seq: last.seq } : {}) },
      async () => {
        const problem = await target.apply(assembled.step);
        if (problem === undefined) this.applied(changes);
        return problem;
      },
    );
    return reason === undefined ? undefined : { reason };
  }

  /** Sends receipts once the state is on disk. Their content is fixed now, because the next release may change it. */
  private applied(changes: readonly LandedChange[]): void {
    const { target, reporter, environment } = this.parts;
    const at = Date.now();
    const seq = this.position?.seq ?? 0;
    if (target.rejection && target.rejection.seq <= seq) target.rejection = undefined;
    const { skipped, applied, refused } = this.sort(changes);
    const remark = target.held?.remark;
    const traceparent = traceparentOf();
    // Not waited for: how long the disk takes must not delay the next release.
    void target.keep().then(() => {
      reporter.skipped(environment, skipped, at);
      reporter.applied(environment, applied, at, traceparent, remark);
      this.rejectRefused(refused);
    });
  }

  private async readAll(head: Head, why: string): Promise<void> {
    const outcome = await this.read(head, why);
    if (typeof outcome !== 'string') this.reject([outcome.head], outcome.reason);
  }

  /** Reads everything live and applies it, where that is due. */
  private async read(head: Head, why: string): Promise<ReadOutcome> {
    const { source, logger, environment } = this.parts;
    const name = `${head.epoch} ${head.seq} ${head.stateHash}`;
    if (!this.pace.isDue(name, Date.now())) return 'WAIT';
    logger.info({ environment, why }, 'reading everything that is live');
    const live = await readLiveNames(source);
    if (live.ok && !mayReplace(this.position, live.head)) return 'WAIT';
    const reason = live.ok ? await this.replace(live) : live.reason;
    if (reason === undefined) {
      this.pace.succeeded();
      return 'READ';
    }
    this.retryIn(this.pace.failed(name, Date.now()));
    return { head: live.head ?? head, reason };
  }

  /** Exchanges the whole state. @returns why it cannot */
  private async replace(live: NamedState): Promise<string | undefined> {
    const { target, reporter, logger, environment } = this.parts;
    const read = await target.readAll(live);
    const reason = read.ok ? await target.apply(read.step) : read.reason;
    if (!read.ok || reason !== undefined) return reason;
    target.rejection = undefined;
    const { head, names } = live;
    logger.info({ environment, seq: head.seq, documents: names.size }, 'state read');
    const { refused } = this.sort(read.recent);
    const { held } = target;
    void target.keep().then(() => {
      if (held && held.proved?.seq === held.position.seq) reporter.caughtUp(environment, held.position, held.remark);
      this.rejectRefused(refused);
    });
    return undefined;
  }

  private sort(changes: readonly LandedChange[]): SortedReleases {
    const sorted: SortedReleases = { skipped: [], applied: [], refused: [] };
    for (const change of changes) {
      const verdict = this.parts.target.verdict(change);
      if (verdict === 'SKIPPED') sorted.skipped.push(change);
      else if (verdict === 'APPLIED') sorted.applied.push(change);
      else sorted.refused.push({ change, reason: verdict.refused });
    }
    return sorted;
  }

  /** Each release gets a receipt of its own. */
  private rejectRefused(refused: SortedReleases['refused']): void {
    const { target, reporter, logger, environment } = this.parts;
    for (const { change, reason } of refused) {
      const { seq, requestId } = change;
      logger.error({ environment, seq, reason, requestId }, 'documents refused');
      reporter.rejected(environment, [change], reason, target.held?.proved?.stateHash);
    }
  }

  /** Notes why the head is not reached, and reports it once. */
  private reject(releases: readonly RefusedRelease[], reason: string): void {
    const { target, reporter, logger, environment } = this.parts;
    const newest = releases.at(-1);
    const seq = newest?.seq ?? 0;
    if (target.rejection?.seq === seq && target.rejection.reason === reason) return;
    target.rejection = { seq, reason, since: Date.now() };
    logger.error({ environment, seq, reason, requestId: newest?.requestId }, 'release rejected');
    reporter.rejected(environment, releases, reason, target.held?.proved?.stateHash);
  }

  private retryIn(ms: number): void {
    clearTimeout(this.retry);
    if (this.closed) return;
    // The polls get the same error and note that upstream is unreachable.
    this.retry = setTimeout(() => void this.pull().catch(() => undefined), ms);
  }
}

interface SortedReleases {
  readonly skipped: LandedChange[];
  readonly applied: LandedChange[];
  readonly refused: { readonly change: LandedChange; readonly reason: string }[];
}
