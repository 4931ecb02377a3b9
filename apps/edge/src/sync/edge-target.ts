import type { Head, LandedChange } from '@paddock/contracts';
import {
  type Assembled,
  fetchSettings,
  hasNewSettings,
  type Held,
  type NamedSettings,
  type NamedState,
  type ReadState,
  type Rejection,
  type Target,
  type Verdict,
} from '@paddock/live-config';
import { crashPoint, type Logger } from '@paddock/runtime';
import type { StateDirectory } from '../disk/state-directory.js';
import type { Environment } from '../state/environment.js';
import type { LiveState, PreparedUpdate } from '../state/live-state.js';
import { MANY_DOCUMENTS, releaseGarbage } from '../state/release-garbage.js';
import { assembleStep, type Bodies } from './assemble-step.js';
import { readEverything } from './read-everything.js';

/** A prepared step: updates of the held state, or a whole state in its place. Its bodies are held. */
export type EdgeStep =
  | { readonly changes: readonly LandedChange[]; readonly updates: PreparedUpdate[] }
  | { readonly state: LiveState; readonly recent: readonly LandedChange[] };

/** What an edge serves of one environment: documents of all kinds in the arena, settings beside them, and a journal. */
export class EdgeTarget implements Target<EdgeStep> {
  private head: Head | undefined;
  /** Fetched and checked; applied with the next step, or alone where no step follows. */
  private settings: NamedSettings | undefined;
  private settingsProblem: string | undefined;
  /** Are there steps in the journal that were not synced yet? */
  private isJournalled = false;

  constructor(
    private readonly environment: Environment,
    private readonly bodies: Bodies,
    private readonly directory: StateDirectory,
    private readonly logger: Logger,
  ) {}

  get held(): Held | undefined {
    const { state } = this.environment;
    return state && { position: state.position, proved: state.proved };
  }

  get rejection(): Rejection | undefined {
    return this.environment.rejection;
  }

  set rejection(rejection: Rejection | undefined) {
    this.environment.rejection = rejection;
  }

  async heard(head: Head | undefined): Promise<void> {
    this.environment.heardAt = Date.now();
    this.head = head;
    this.settings = head && (await this.newSettings(head));
  }

  async assemble(changes: readonly LandedChange[]): Promise<Assembled<EdgeStep>> {
    const { state } = this.environment;
    if (!state) return { ok: false, reason: 'no state is held' };
    const assembled = await assembleStep(state, changes, this.bodies);
    return assembled.ok ? { ok: true, step: { changes, updates: assembled.updates } } : assembled;
  }

  async readAll(live: NamedState): Promise<ReadState<EdgeStep>> {
    const read = await readEverything(live, this.bodies, this.environment.state);
    return read.ok ? { ok: true, step: { state: read.state, recent: read.recent }, recent: read.recent } : read;
  }

  async apply(step: EdgeStep): Promise<undefined> {
    const { settings } = this;
    this.settings = undefined;
    if ('updates' in step) await this.advance(step.changes, step.updates, settings);
    else this.replace(step.state, step.recent, settings);
    this.isJournalled = 'updates' in step;
  }

  /** Syncs the journal. After a state that was read in full there is no journal: its snapshot is written in the background. */
  async keep(): Promise<void> {
    if (!this.isJournalled) return;
    this.isJournalled = false;
    await this.directory.sync();
    crashPoint('edge:before-receipt');
  }

  verdict(change: LandedChange): Verdict {
    const refused = this.environment.state?.refusedIn(change);
    return refused === undefined ? 'APPLIED' : { refused };
  }

  /** Settings do not wait for releases that cannot be applied: a revoked key must stop working. */
  async rest(): Promise<void> {
    const { settings, head, environment } = this;
    this.settings = undefined;
    if (settings && environment.state?.position.epoch === head?.epoch) {
      await this.advance([], [], settings);
      void this.directory.sync();
    }
    await this.directory.maintain(environment);
  }

  private async advance(
    changes: readonly LandedChange[],
    updates: PreparedUpdate[],
    settings: NamedSettings | undefined,
  ): Promise<void> {
    const { environment, directory } = this;
    const before = environment.state?.position;
    if (!before) return;
    const last = changes.at(-1);
    const position = last ? { epoch: before.epoch, seq: last.seq, stateHash: last.stateHash } : before;
    const step = { position, changes: [...changes], updates, settings };
    const impact = environment.impactOf(changes, updates);
    await directory.append(before, step, impact);
    crashPoint('edge:before-apply');
    environment.advance(step, impact);
    crashPoint('edge:after-apply');
  }

  private replace(state: LiveState, recent: readonly LandedChange[], settings: NamedSettings | undefined): void {
    const { environment, directory } = this;
    if (!environment.serves && state.size > MANY_DOCUMENTS) releaseGarbage();
    crashPoint('edge:before-apply');
    environment.replace(state, settings);
    environment.noteRefused(recent);
    crashPoint('edge:after-apply');
    directory.replaced();
  }

  private async newSettings(head: Head): Promise<NamedSettings | undefined> {
    const { environment, logger, bodies } = this;
    const { settings: known, state } = environment;
    const inForce = known && { epoch: state?.position.epoch, version: known.version, sha256: known.sha256 };
    if (!hasNewSettings(head, inForce)) return undefined;
    const fetched = await fetchSettings(bodies.source, environment.name, head.settingsSha256);
    const reason = fetched.ok ? undefined : fetched.reason;
    if (reason !== undefined && reason !== this.settingsProblem)
      logger.error({ environment: environment.name, version: head.settingsVersion, reason }, 'settings rejected');
    this.settingsProblem = reason;
    return fetched.ok ? fetched.named : undefined;
  }
}
