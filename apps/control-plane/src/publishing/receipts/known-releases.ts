import { EMPTY_STATE } from '@paddock/contracts';
import type { Tx } from '../../database/database.js';
import { EnvironmentRow } from '../../releases/release.entity.js';
import type { KnownPlace } from '../artefacts/epoch-rotation.js';

/** Where an instance says it is. */
export interface Position {
  environment: string;
  seq: number;
}

/** The state hashes of some positions in MySQL, which instances at these positions must hold. */
export class KnownReleases {
  private constructor(
    private readonly environments: ReadonlyMap<string, EnvironmentRow>,
    private readonly hashes: ReadonlyMap<string, string>,
  ) {}

  static async of(tx: Tx, positions: readonly Position[]): Promise<KnownReleases> {
    const environments = await tx.find(EnvironmentRow);
    const pairs = positions.filter(({ seq }) => seq > 0).map(({ environment, seq }) => [environment, seq]);
    const rows: { environment: string; seq: string; stateHash: string }[] =
      pairs.length > 0
        ? await tx.query(
            'SELECT environment, seq, state_hash AS stateHash FROM `release` WHERE (environment, seq) IN (?)',
            [pairs],
          )
        : [];
    return new KnownReleases(
      new Map(environments.map((row) => [row.name, row])),
      new Map(rows.map(({ environment, seq, stateHash }) => [`${environment} ${seq}`, stateHash])),
    );
  }

  /** `undefined` where no release of that number has landed in this history of the environment. */
  stateHash({ environment, seq }: Position): string | undefined {
    if (!this.environments.has(environment)) return undefined;
    return seq === 0 ? EMPTY_STATE : this.hashes.get(`${environment} ${seq}`);
  }

  hasEnvironment(name: string): boolean {
    return this.environments.has(name);
  }

  /** The current history of the environment; `undefined` for an unknown environment. */
  epoch(environment: string): string | undefined {
    return this.environments.get(environment)?.epoch;
  }

  /** The position in MySQL for a position that an instance holds; `undefined` for an unknown environment. */
  place(position: Position): KnownPlace | undefined {
    const row = this.environments.get(position.environment);
    if (!row) return undefined;
    const { epoch, headSeq, settingsVersion } = row;
    return { epoch, seq: headSeq, settingsVersion, stateHashAt: this.stateHash(position) };
  }
}
