import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@paddock/runtime';
import type { SimpleVersion } from '../definitions/definitions.js';
import { type Minute, type Store, WINDOW_MS } from '../store/store.js';
import { scopesOf } from './hour-states.js';
import { Rollup } from './rollup.js';
import type { Sources } from './sources.js';

const PAUSE_MS = 100;

/** All rollups that are kept up to date: those that answer and those that are being computed. */
export class Rollups {
  private readonly rollups = new Map<string, Rollup>();
  private running: Promise<void> | undefined;
  private readonly closing = new AbortController();
  /** The last batch whose events are all stored. */
  private completed = 0;

  constructor(
    private readonly store: Store,
    private readonly sources: Sources,
    private readonly logger: Logger,
    private readonly clock: () => number = Date.now,
  ) {}

  /** Opens a rollup, or finds it open. */
  async open({ rollup: name, compiled }: SimpleVersion): Promise<Rollup> {
    const known = this.rollups.get(name);
    if (known) return known;
    const rollup = await Rollup.open(this.store, name, compiled);
    this.rollups.set(name, rollup);
    return rollup;
  }

  find(name: string): Rollup | undefined {
    return this.rollups.get(name);
  }

  /** Stops updating rollups that are no longer used. Their tables stay; a rollup that is opened again catches up. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.rollups.keys()) if (!names.has(name)) this.rollups.delete(name);
  }

  /**
   * `scope`: an event, or {@link personsOf} it. Must be called before the events are stored, so that no incomplete
   * window counts as complete.
   */
  touch(scope: string, minutes: readonly Minute[], batch: number): void {
    for (const rollup of this.rollups.values())
      if (scopesOf(rollup.compiled).includes(scope)) rollup.touch(minutes, batch, this.clock());
  }

  complete(batch: number): void {
    this.completed = Math.max(this.completed, batch);
  }

  /** Whether every closed window is covered. */
  caughtUp(name: string): boolean {
    const rollup = this.rollups.get(name);
    return rollup !== undefined && rollup.pendingCount(this.closedBefore(rollup)) === 0;
  }

  start(): void {
    this.running ??= this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  /** One round: every rollup computes what is due. @returns how many windows were computed */
  async advance(): Promise<number> {
    let computed = 0;
    for (const rollup of [...this.rollups.values()]) computed += await this.advanceOne(rollup);
    return computed;
  }

  /** Separately, so that events that one metric cannot compute do not hold up another metric. */
  private async advanceOne(rollup: Rollup): Promise<number> {
    try {
      return await rollup.advance(this.closedBefore(rollup), this.completed, this.clock());
    } catch (error) {
      this.logger.error({ err: error, rollup: rollup.name }, 'windows could not be computed; they stay pending');
      return 0;
    }
  }

  private closedBefore(rollup: Rollup): Minute {
    return Math.floor(this.sources.watermark(rollup.compiled.event, this.clock()) / WINDOW_MS);
  }

  private async run(): Promise<void> {
    while (!this.closing.signal.aborted) {
      if ((await this.advance()) === 0)
        await delay(PAUSE_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }
}
