import type { CheckResult } from '@paddock/runtime';
import type { StateDirectory } from '../disk/state-directory.js';
import type { Environment } from '../state/environment.js';
import type { Environments } from '../state/environments.js';

/** How many polls may go unanswered before what is served counts as stale. */
const POLLS_MISSED = 3;

/** Says whether this edge can answer, and how far what it answers can be trusted to be new. */
export class EdgeHealth {
  constructor(
    private readonly environments: Environments,
    private readonly directories: ReadonlyMap<string, StateDirectory>,
    private readonly pollMs: number,
    /** The environments that visitors depend on; see `EDGE_READY_ENVIRONMENTS`. */
    private readonly required: readonly string[],
  ) {}

  /** Ready when it serves every required environment that it knows; where it knows none of these, all that it knows. */
  check(): CheckResult {
    const all = this.environments.all();
    const required = all.filter(({ name }) => this.required.includes(name));
    const deciding = required.length > 0 ? required : all;
    return {
      ok: deciding.length > 0 && deciding.every(({ serves }) => serves),
      unserved: all.filter(({ serves }) => !serves).map(({ name }) => name),
      environments: all.map((environment) => this.describe(environment)),
    };
  }

  /** Since when upstream has not been heard of; `null` while it is. The oldest of all environments. */
  stale(): string | null {
    const since = this.environments.all().flatMap((environment) => this.staleSince(environment) ?? []);
    return since.length === 0 ? null : new Date(Math.min(...since)).toISOString();
  }

  staleSince({ heardAt, knownSince }: Environment): number | undefined {
    const since = heardAt ?? knownSince;
    return heardAt === undefined || Date.now() - since > this.pollMs * POLLS_MISSED + 1_000 ? since : undefined;
  }

  private describe(environment: Environment): object {
    const { name, state, settings } = environment;
    // The reason why the head is not reached comes first.
    const rejection = environment.rejection ?? environment.refusal;
    const since = this.staleSince(environment);
    return {
      environment: name,
      seq: state?.position.seq ?? null,
      stateHash: state?.position.stateHash ?? null,
      documents: state?.size ?? 0,
      settingsVersion: settings?.version ?? null,
      stale: since === undefined ? null : new Date(since).toISOString(),
      rejected: rejection ? { ...rejection, since: new Date(rejection.since).toISOString() } : null,
      disk: this.directories.get(name)?.problem ?? null,
    };
  }
}
