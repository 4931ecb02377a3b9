import { formatRef, type LandedChange } from '@paddock/contracts';
import type { NamedSettings, Rejection } from '@paddock/live-config';
import type { LayoutPages } from '../layouts/layout-pages.js';
import type { BlobArena } from './blob-arena.js';
import type { LiveState, Position, PreparedUpdate } from './live-state.js';
import { type AppliedChange, RecentChanges } from './recent-changes.js';
import { SettingsIndex } from './settings-index.js';

/** One step forward: releases in order and what they come to together. Everything in it is checked and prepared. */
export interface Step {
  position: Position;
  changes: LandedChange[];
  updates: PreparedUpdate[];
  settings: NamedSettings | undefined;
}

/** Is called when an environment changes. */
export interface EnvironmentListener {
  /** Releases were applied, in this order. */
  applied(environment: Environment, changes: readonly AppliedChange[]): void;
  /** The state was read in full: earlier changes no longer lead to it. */
  replaced(environment: Environment): void;
}

/** What one environment serves: documents and settings that belong together, exchanged within one tick of the event loop. */
export class Environment {
  private documents: LiveState | undefined;
  private settingsIndex: SettingsIndex | undefined;
  private positionText = '0';
  /** The newest applied releases. */
  readonly recent = new RecentChanges();
  private readonly listeners = new Set<EnvironmentListener>();
  /** The releases at the head that could not be applied, if any. */
  rejection: Rejection | undefined;
  /** The newest release with a refused document, while a document is refused. */
  refusal: Rejection | undefined;
  /** When Redis last answered, in epoch milliseconds; `undefined` before its first answer. */
  heardAt: number | undefined;
  /** When this environment was first known and not heard of, for the time before {@link heardAt}. */
  readonly knownSince = Date.now();

  constructor(
    readonly name: string,
    private readonly arena: BlobArena,
    readonly pages: LayoutPages,
  ) {}

  /** `undefined` until a first state was read, from disk or from Redis. */
  get state(): LiveState | undefined {
    return this.documents;
  }

  get settings(): SettingsIndex | undefined {
    return this.settingsIndex;
  }

  /** Can it answer? */
  get serves(): boolean {
    return this.documents !== undefined && this.settingsIndex !== undefined;
  }

  /** The current seq as header text. */
  get seqText(): string {
    return this.positionText;
  }

  listen(listener: EnvironmentListener): void {
    this.listeners.add(listener);
  }

  /** Which pages each of the releases may change; to be asked before they are applied. */
  impactOf(changes: readonly LandedChange[], updates: readonly PreparedUpdate[]): AppliedChange[] {
    const state = this.documents;
    const sites = this.settingsIndex?.siteKeys ?? [];
    const pagesByRef = new Map(updates.map((update) => [formatRef(update.ref), state?.pagesOf(update, sites) ?? []]));
    return changes.map((change) => {
      const pages = new Set<string>();
      for (const item of change.items) for (const page of pagesByRef.get(formatRef(item)) ?? []) pages.add(page);
      return { change, pages: [...pages] };
    });
  }

  /** Moves forward. Synchronous from first to last: no request sees a part of it. */
  advance(step: Step, impact: readonly AppliedChange[]): void {
    const state = this.documents;
    if (!state) throw new Error(`${this.name} has no state to advance`);
    for (const update of step.updates) {
      for (const replaced of state.set(update)) this.arena.release(replaced);
    }
    // Settings alone move nothing.
    if (step.changes.length > 0) state.arrive(step.position, step.changes);
    this.noteRefused(step.changes);
    for (const applied of impact) {
      this.recent.push(applied);
      this.pages.drop(applied.pages);
    }
    this.applySettings(step.settings);
    for (const listener of this.listeners) listener.applied(this, impact);
  }

  /** Exchanges everything, after a state was read in full. */
  replace(state: LiveState, settings: NamedSettings | undefined, recent: readonly AppliedChange[] = []): void {
    const before = this.documents;
    this.documents = state;
    this.recent.clear();
    for (const applied of recent) this.recent.push(applied);
    this.pages.dropAll();
    this.applySettings(settings);
    if (!before) return;
    this.recent.distrust(before.position.seq);
    for (const document of before.documents()) for (const blob of document.held) this.arena.release(blob);
    for (const listener of this.listeners) listener.replaced(this);
  }

  /** Reports refused documents until they are corrected; `changes` name the release that brought them. */
  noteRefused(changes: readonly LandedChange[], now = Date.now()): void {
    const { documents: state } = this;
    if (!state || state.refused.length === 0) {
      this.refusal = undefined;
      return;
    }
    const newest = changes.findLast((change) => state.refusedIn(change) !== undefined);
    const seq = newest?.seq ?? this.refusal?.seq ?? state.position.seq;
    const reason = state.refused.map(({ ref, refused }) => `${ref}: ${refused}`).join('; ');
    this.refusal = { seq, reason, since: newest ? now : (this.refusal?.since ?? now) };
  }

  private applySettings(named: NamedSettings | undefined): void {
    if (named) {
      this.settingsIndex = new SettingsIndex(named.settings, named.sha256);
      // Keys, sites and their jurisdictions may all have changed, and cached answers rest upon them.
      this.pages.dropAll();
    }
    this.positionText = String(this.documents?.position.seq ?? 0);
  }
}
