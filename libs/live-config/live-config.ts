import { mkdir } from 'node:fs/promises';
import { artefactKeys, continuesFrom, formatRef, type Head, type LandedChange, splitRef } from '#contracts';
import { continueTrace, crashPoint, type Logger, traceparentOf } from '#runtime';
import { failFastConnection, subscriberConnection, TaskProducer } from '#tasks';
import { type ConfigPosition, type ConfigState, withChanges } from './config-state.js';
import { fetchDocuments, type Target, UnusableBodies } from './fetch-documents.js';
import { landingOf, withLandings } from './landings.js';
import { readLiveNames } from './live-names.js';
import { RefusalLedger } from './refusal-ledger.js';
import { type Apply, documentsInForce, type Refusals, takeOver } from './refused-documents.js';
import { ReceiptOutbox } from './receipt-outbox.js';
import { ReceiptReporter } from './receipt-reporter.js';
import { RedisSource } from './redis-source.js';
import { RedisWatch } from './redis-watch.js';
import { RetryPace } from './retry-pace.js';
import { StateFile } from './state-file.js';

/** What a consumer follows, and what it does with it. */
export interface LiveConfigOptions {
  /** The environment whose releases are followed. */
  environment: string;
  /** The kinds that concern this consumer, as they are named on the wire; releases without them are SKIPPED. */
  kinds: readonly string[];
  /** The class of consumer, as it appears in receipts: `odds`. */
  consumer: string;
  /** See `instanceId`. */
  instance: string;
  redis: { url: URL; prefix: string };
  /** Where the last known good state is kept; one folder per instance. */
  stateDir: string;
  pollMs: number;
  logger: Logger;
  /**
   * Takes over a state, all of it or nothing. Called once at a time: first with what the disk has kept, then with every
   * state that a release leads to. Where documents are at fault it throws {@link RefusedDocuments}, and is called again
   * with the last good version of these, or without them: they hold up nothing else. Anything else that it throws
   * becomes the reason of a REJECTED receipt, and the state before holds on. What is refused is tried again from time to
   * time, because the reason may lie outside.
   */
  apply: Apply;
}

/** How a consumer stands, for its health check. */
export interface ConfigStanding {
  /** The newest release of which nothing was refused; absent before the first. */
  readonly seq?: number;
  /** Since when upstream has not been heard of, in epoch milliseconds. */
  readonly heardAt: number | undefined;
  /** Why the head is not reached; else the newest release of which a document is still refused. */
  readonly rejection: { readonly seq: number; readonly reason: string } | undefined;
  /** Which live documents are refused here, and why; of those that had a good version, it holds on. */
  readonly leftOut?: string;
}

/** So many releases before a head that cannot be applied are tried one by one. */
const STEPS_BACK = 20;

/**
 * Follows the live config of one environment: what a consumer other than an edge needs. It starts from disk when Redis is
 * away, comes to the head by the releases in between or, in another history of the database, by reading everything
 * anew, and never goes back within one. The control plane hears of every release: APPLIED, REJECTED or SKIPPED.
 *
 * A step is proved by the names of the bodies and by the chain of state hashes: its first release must name the state
 * that is held here. The hash itself, which covers all kinds, is proved whenever everything is read.
 */
export class LiveConfig {
  private state: ConfigState | undefined;
  private rejection: { seq: number; reason: string } | undefined;
  private readonly ledger = new RefusalLedger();
  private readonly refusedPace = new RetryPace();
  private heardAt: number | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private readonly pace = new RetryPace();
  private retry: NodeJS.Timeout | undefined;
  private outage: string | undefined;
  private readonly kinds: ReadonlySet<string>;
  private readonly file: StateFile;
  private readonly source: RedisSource;
  private readonly watch: RedisWatch;
  private readonly producer: TaskProducer;
  private readonly reporter: ReceiptReporter;

  private constructor(private readonly options: LiveConfigOptions) {
    const { environment, redis, logger, consumer, instance, stateDir } = options;
    const onError = (error: Error): void => logger.debug({ err: error }, 'connection to Redis');
    const reader = failFastConnection(redis.url, onError);
    this.kinds = new Set(options.kinds);
    this.file = new StateFile(stateDir, environment, [...this.kinds].sort());
    this.source = new RedisSource(reader, redis.prefix, environment);
    this.producer = new TaskProducer(failFastConnection(redis.url, onError), redis.prefix, onError);
    const standings = () => (this.ledger.proved ? [{ environment, ...this.ledger.proved }] : []);
    this.reporter = new ReceiptReporter({
      consumer,
      instance,
      logger,
      standings,
      producer: this.producer,
      outbox: new ReceiptOutbox(this.producer, logger),
    });
    this.watch = new RedisWatch(
      { reader, subscriber: subscriberConnection(redis.url, onError) },
      {
        pollMs: options.pollMs,
        look: () => this.pull(),
        heard: () => void this.hear().catch((error: unknown) => this.note(error)),
        ended: (error) => this.note(error),
      },
    );
  }

  /** Applies what the disk has kept, if anything, and begins to follow. It does not wait for Redis. */
  static async start(options: LiveConfigOptions): Promise<LiveConfig> {
    const config = new LiveConfig(options);
    await mkdir(options.stateDir, { recursive: true, mode: 0o700 });
    await config.recover();
    config.watch
      .subscribe(artefactKeys(options.redis.prefix, options.environment).notices)
      .catch((error: unknown) => config.note(error));
    config.watch.start();
    config.reporter.start();
    return config;
  }

  get standing(): ConfigStanding {
    const { heardAt } = this;
    const { proved, remark } = this.ledger;
    const rejection = this.rejection ?? this.ledger.newest;
    return {
      ...(proved ? { seq: proved.seq } : {}),
      heardAt,
      rejection,
      ...(remark === undefined ? {} : { leftOut: remark }),
    };
  }

  /** The state that was taken over last, with its refused documents; `undefined` before the first. */
  get current(): ConfigState | undefined {
    return this.state;
  }

  /** The newest position whose release brought no refused document. */
  get proved(): ConfigPosition | undefined {
    return this.ledger.proved;
  }

  /** Why a release is not applied here: documents that it brought are refused. `undefined` where none is. */
  refusalsIn({ items }: Pick<LandedChange, 'items'>): string | undefined {
    return this.ledger.refusalsIn({ items });
  }

  async close(): Promise<void> {
    this.reporter.stop();
    this.watch.close();
    await this.running?.catch(() => undefined);
    clearTimeout(this.retry);
    await this.producer.close();
  }

  private async recover(): Promise<void> {
    const { logger, environment, apply } = this.options;
    try {
      const kept = await this.file.read();
      if (!kept) return;
      const { state, refusals, proved } = kept;
      const found = await takeOver(state, documentsInForce(state.documents, refusals), apply);
      this.state = state;
      this.ledger.restore(refusals, proved);
      this.settle(found);
      logger.info(
        { environment, seq: state.position.seq, documents: state.documents.size },
        'config taken up from disk',
      );
      // After an upgrade rules may be stricter than those under which it was published.
      if (found.size > 0) logger.error({ environment, reason: this.ledger.remark }, 'documents refused');
    } catch (error) {
      // Upstream has it all; what cannot be used here must not stop the start.
      logger.error({ err: error, environment }, 'the config on disk cannot be used');
    }
  }

  /** Looks at once, also at what failed a moment ago: upstream says that something changed. */
  private hear(): Promise<void> {
    this.pace.hurry();
    return this.pull();
  }

  /** Looks at the head once more. Calls during a look lead to one more look, however many they are. */
  private pull(): Promise<void> {
    this.again = true;
    this.running ??= this.pullUntilQuiet().finally(() => (this.running = undefined));
    return this.running;
  }

  private async pullUntilQuiet(): Promise<void> {
    while (this.again) {
      this.again = false;
      await this.pullOnce();
    }
  }

  /** @throws what Redis says when it is away, ShapeError for a head that is none */
  private async pullOnce(): Promise<void> {
    const head = await this.source.head();
    this.heardAt = Date.now();
    // Redis was emptied, or nothing was ever published: the watchdog upstream will see to it.
    if (!head) return;
    const position = this.state?.position;
    if (!position || position.epoch !== head.epoch) await this.readAnew(head, 'another history');
    else if (head.seq > position.seq) await this.forward(position, head);
    else if (head.seq === position.seq && head.stateHash !== position.stateHash)
      await this.readAnew(head, 'another state at the same seq');
    // A head that lies behind is an upstream that lost something: it is waited for, not followed.
    else if (head.seq === position.seq) {
      this.rejection = undefined;
      await this.tryRefused();
    }
  }

  private async forward(from: ConfigPosition, head: Head): Promise<void> {
    const changes = await this.source.changes(from.seq + 1, head.seq);
    if (!changes || !continuesFrom(from, changes)) {
      await this.readAnew(
        head,
        changes ? 'the releases do not continue from the state held here' : 'releases in between are no longer kept',
      );
      return;
    }
    let reason: string | undefined;
    // All releases in one step, or as many from the first as lead to a state that can be applied.
    for (let count = changes.length; count > 0 && changes.length - count < STEPS_BACK; count -= 1) {
      const problem = await this.step(changes.slice(0, count));
      if (problem === undefined) {
        if (reason === undefined) this.rejection = undefined;
        else this.reject(changes.slice(count), reason);
        return;
      }
      reason ??= problem;
    }
    this.reject(changes, reason ?? 'nothing to apply');
  }

  /** Takes releases over together; the reason where it cannot. */
  private async step(changes: readonly LandedChange[]): Promise<string | undefined> {
    const { state } = this;
    const last = changes.at(-1);
    if (!state || !last) return undefined;
    const position = { epoch: state.position.epoch, seq: last.seq, stateHash: last.stateHash };
    const concerning = changes.filter(({ items }) => items.some(({ kind }) => this.kinds.has(kind)));
    if (concerning.length === 0) {
      this.state = { ...state, position };
      this.ledger.prove(this.state.position, changes);
    } else {
      const problem = await continueTrace(
        last.traceparent,
        `${this.options.consumer} apply`,
        { environment: this.options.environment, seq: last.seq },
        () =>
          this.become(changes, async () => {
            const documents = await fetchDocuments(this.source, this.lastWords(concerning), state.documents);
            return { position, documents: withChanges(state.documents, documents) };
          }),
      );
      if (problem !== undefined) return problem;
    }
    this.report(changes, concerning);
    return undefined;
  }

  /** Each release is told for itself: one whose document is refused is rejected, whatever else it brought; another is applied. */
  private report(changes: readonly LandedChange[], concerning: readonly LandedChange[]): void {
    const at = Date.now();
    const { environment } = this.options;
    this.reporter.skipped(
      environment,
      changes.filter((change) => !concerning.includes(change)),
      at,
    );
    this.reporter.applied(
      environment,
      concerning.filter((change) => this.refusalsIn(change) === undefined),
      at,
      traceparentOf(),
      this.ledger.remark,
    );
    this.reportRefused(concerning);
  }

  private reportRefused(changes: readonly LandedChange[]): void {
    const { environment, logger } = this.options;
    for (const change of changes) {
      const reason = this.refusalsIn(change);
      if (reason === undefined) continue;
      logger.error({ environment, seq: change.seq, reason, requestId: change.requestId }, 'documents refused');
      this.reporter.rejected(environment, [change], reason, this.ledger.proved?.stateHash);
    }
  }

  /** Tries refused documents again: a file may have come, a name may lead elsewhere, a limit may be gone. */
  private async tryRefused(): Promise<void> {
    const { state } = this;
    const { refusals } = this.ledger;
    if (!state || refusals.size === 0) return;
    const name = String(state.position.seq);
    if (!this.refusedPace.isDue(name, Date.now())) return;
    this.refusedPace.failed(name, Date.now());
    const known = documentsInForce(state.documents, refusals);
    const same = ({ documents }: ConfigState): boolean =>
      documents.size === known.size && [...documents].every(([ref, { sha256 }]) => known.get(ref)?.sha256 === sha256);
    // What is in force already is not taken over once more. Where all of it fails, it is simply not the time yet.
    const found = await takeOver(state, known, async (next) =>
      same(next) ? undefined : this.options.apply(next),
    ).catch(() => undefined);
    if (!found || (found.size === refusals.size && [...found.keys()].every((ref) => refusals.has(ref)))) return;
    this.settle(found);
    await this.keep();
  }

  /** Notes what is refused now, and tells of releases whose refused documents are in force after all. */
  private settle(found: Refusals, brought: readonly LandedChange[] = []): void {
    if (!this.state) return;
    const healed = this.ledger.settle(found, brought, this.state);
    if (healed.length > 0) this.reporter.healed(this.options.environment, this.state.position.epoch, healed);
  }

  /** What releases, taken together, make of the documents that concern this consumer. */
  private lastWords(changes: readonly LandedChange[]): Target[] {
    const targets = new Map<string, Target>();
    for (const { seq, items } of changes) {
      for (const item of items.filter(({ kind }) => this.kinds.has(kind))) {
        const { kind, site, key, sha256 } = item;
        const landing = landingOf(seq, item);
        targets.set(formatRef(item), { ref: { kind, site, key }, sha256, ...(landing ? { landing } : {}) });
      }
    }
    return [...targets.values()];
  }

  private async readAnew(head: Head, why: string): Promise<void> {
    const { environment, logger } = this.options;
    const name = `${head.epoch} ${head.seq} ${head.stateHash}`;
    if (!this.pace.isDue(name, Date.now())) return;
    const read = await readLiveNames(this.source);
    if (!read.ok) {
      this.retryIn(this.pace.failed(name, Date.now()));
      this.reject([read.head ?? head], read.reason);
      return;
    }
    const { epoch, seq, stateHash } = read.head;
    const recent = await this.recent(read.head);
    const problem = await this.become(recent, async () => {
      const targets = [...read.names].flatMap(([name, sha256]) => {
        const ref = splitRef(name);
        return ref && this.kinds.has(ref.kind) ? [{ ref, sha256 }] : [];
      });
      const landed = await withLandings(this.source, { seq }, targets);
      const documents = await fetchDocuments(this.source, landed, this.state?.documents ?? new Map());
      return { position: { epoch, seq, stateHash }, documents: withChanges(new Map(), documents) };
    });
    if (problem !== undefined) {
      this.retryIn(this.pace.failed(name, Date.now()));
      this.reject([read.head], problem);
      return;
    }
    this.rejection = undefined;
    this.pace.succeeded();
    logger.info({ environment, seq, why }, 'config read in full');
    if (this.ledger.proved?.seq === seq)
      this.reporter.caughtUp(environment, { epoch, seq, stateHash }, this.ledger.remark);
    this.reportRefused(recent);
  }

  /** Of the releases that led to a state only the newest are looked at: which of them brought what is refused. */
  private async recent({ seq, stateHash }: Head): Promise<readonly LandedChange[]> {
    if (seq === 0) return [];
    const changes =
      (await this.source.changes(Math.max(1, seq - STEPS_BACK + 1), seq)) ?? (await this.source.changes(seq, seq));
    // Those of a history that was lost say nothing.
    return changes?.at(-1)?.stateHash === stateHash ? changes : [];
  }

  private retryIn(ms: number): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.pull().catch((error: unknown) => this.note(error)), ms);
  }

  /**
   * Builds, applies and keeps a state, to which `brought` led; the reason where one of the first two fails.
   * @throws what Redis says when it is away
   */
  private async become(
    brought: readonly LandedChange[],
    build: () => Promise<ConfigState>,
  ): Promise<string | undefined> {
    const next = await build().catch((error: unknown) => {
      if (error instanceof UnusableBodies) return error;
      throw error;
    });
    if (next instanceof UnusableBodies) return next.message;
    crashPoint('config:before-apply');
    let found: Refusals;
    try {
      found = await takeOver(
        next,
        documentsInForce(this.state?.documents ?? new Map(), this.ledger.refusals),
        this.options.apply,
      );
    } catch (error) {
      return reasonOf(error);
    }
    this.state = next;
    this.settle(found, brought);
    this.ledger.prove(next.position, brought);
    // At once, not after the disk: until then what is applied would be shown as refused.
    if (this.rejection && this.rejection.seq <= next.position.seq) this.rejection = undefined;
    crashPoint('config:after-apply');
    await this.keep();
    crashPoint('config:before-receipt');
    return undefined;
  }

  private async keep(): Promise<void> {
    const { state, options } = this;
    const { refusals, proved } = this.ledger;
    if (!state) return;
    await this.file.write({ state, refusals, ...(proved ? { proved } : {}) }).catch((error: unknown) => {
      options.logger.error(
        { err: error, environment: options.environment },
        'config is applied but cannot be kept on disk',
      );
    });
  }

  /** Notes why the head is not reached, and tells it once. */
  private reject(releases: readonly (Pick<LandedChange, 'seq'> & Partial<LandedChange>)[], reason: string): void {
    const { environment, logger } = this.options;
    const seq = releases.at(-1)?.seq ?? 0;
    if (this.rejection?.seq === seq && this.rejection.reason === reason) return;
    this.rejection = { seq, reason };
    logger.error({ environment, seq, reason }, 'release rejected');
    this.reporter.rejected(environment, releases, reason, this.state?.position.stateHash);
  }

  /** Told once per cause, however often it is met, and once when it is over. */
  private note(error: unknown): void {
    const reason = error === undefined ? undefined : reasonOf(error);
    if (reason === this.outage) return;
    this.outage = reason;
    const { environment, logger } = this.options;
    if (reason === undefined) logger.info({ environment }, 'live config can be read again');
    else logger.warn({ err: error, environment }, 'live config cannot be read; the last good state holds');
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
