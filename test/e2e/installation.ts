import type { Pool, RowDataPacket } from 'mysql2/promise';
import type { AppProcess, OwnedProcess, PrivateMariaDb, PrivateRedis } from '#processes';
import { type TcpProxy, until } from '#testing';
import { Editor } from '../../apps/control-plane/src/testing/editor.js';
import { GraphqlClient } from '../../apps/control-plane/src/testing/graphql-client.js';

/** What `paddock seed` made. */
export interface Credentials {
  readonly signIn: { readonly email: string; readonly password: string };
  readonly clientKey: string;
}

/** The processes of an installation; each keeps its address over restarts. */
export interface InstallationParts {
  readonly redis: PrivateRedis;
  /** Undefined where it is the tests' server, which no test may kill. */
  readonly mariaDb: PrivateMariaDb | undefined;
  /** Between the control plane and a database of its own. */
  readonly databaseNetwork: TcpProxy | undefined;
  readonly controlPlane: AppProcess;
  readonly worker: AppProcess;
  readonly edges: readonly AppProcess[];
  /** Where each edge keeps its state, in the order of `edges`. */
  readonly stateDirectories: readonly string[];
  readonly database: Pool;
  readonly databaseUrl: string;
  readonly credentials: Credentials;
  readonly dispose: () => Promise<void>;
}

/** How far a release got, as the API says. */
export interface Propagation {
  desiredSeq: number;
  applied: number;
  rejected: number;
  pending: number;
  p95Ms: number | null;
  summary: string;
  receipts: { instance: string; state: string; ms: number | null; error: string | null }[];
}

/** Where MySQL says that an environment stands. */
export interface Standing {
  name: string;
  headSeq: number;
  stateHash: string;
}

/** The whole system in real processes, with the sample site, for tests that kill parts of it. */
export class Installation {
  private constructor(
    readonly parts: InstallationParts,
    /** Of the sample administrator. */
    readonly token: string,
    /** Signed in by that token. */
    readonly editor: Editor,
  ) {}

  static async of(parts: InstallationParts): Promise<Installation> {
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on Session { token } ... on Problem { message } } }';
    const { data } = await new GraphqlClient(parts.controlPlane.url).send(signIn, { input: parts.credentials.signIn });
    const { token } = data?.signIn as { token: string };
    return new Installation(parts, token, new Editor(new GraphqlClient(parts.controlPlane.url, token)));
  }

  get apps(): readonly AppProcess[] {
    return [this.parts.controlPlane, this.parts.worker, ...this.parts.edges];
  }

  /** The edge of this number, from 0. */
  edge(number = 0): AppProcess {
    const edge = this.parts.edges[number];
    if (!edge) throw new Error(`there is no edge ${number}`);
    return edge;
  }

  async sql<Row>(query: string, values: unknown[] = []): Promise<Row[]> {
    const [rows] = await this.parts.database.query<RowDataPacket[]>(query, values);
    return rows as Row[];
  }

  standings(): Promise<Standing[]> {
    return this.sql<Standing>('SELECT name, head_seq AS headSeq, state_hash AS stateHash FROM environment ORDER BY name');
  }

  async headSeq(environment = 'production'): Promise<number> {
    const standing = (await this.standings()).find(({ name }) => name === environment);
    if (!standing) throw new Error(`there is no environment ${environment}`);
    return standing.headSeq;
  }

  async propagation(releaseId: string): Promise<Propagation> {
    const { data } = await this.editor.client.send(
      `query ($id: ID!) { release(id: $id) { propagation { desiredSeq applied rejected pending p95Ms summary receipts { instance state ms error } } } }`,
      { id: releaseId },
    );
    const { propagation } = data?.release as { propagation: Propagation };
    return propagation;
  }

  /** Starts what does not run, resumes what is paused, heals the network, and waits until all of it agrees again. */
  async heal(timeoutMs = 90_000): Promise<void> {
    const { redis, mariaDb, databaseNetwork } = this.parts;
    databaseNetwork?.heal();
    await revive([redis, ...(mariaDb ? [mariaDb] : [])]);
    await revive(this.apps);
    await this.converged(timeoutMs);
  }

  /** Waits until every edge holds what MySQL says, has said so, and nothing waits for delivery any more. */
  async converged(timeoutMs = 90_000): Promise<void> {
    await until(() => this.disagreement().then((reason) => (reason === undefined ? true : Promise.reject(new Error(reason)))), {
      timeoutMs,
      everyMs: 100,
      what: 'convergence',
    });
  }

  private async disagreement(): Promise<string | undefined> {
    const standings = await this.standings();
    for (const [number, edge] of this.parts.edges.entries()) {
      const state = await readiness(edge);
      if (state.stale !== null) return `edge ${number} is stale since ${state.stale}`;
      for (const { name, headSeq, stateHash } of standings) {
        const held = state.environments.find(({ environment }) => environment === name);
        if (held?.seq !== headSeq || held.stateHash !== stateHash) return `edge ${number} holds ${name} ${held?.seq} ${held?.stateHash}, not ${headSeq} ${stateHash}`;
      }
    }
    const [outbox] = await this.sql<{ pending: number }>('SELECT COUNT(*) AS pending FROM outbox WHERE delivered_at IS NULL');
    if (outbox?.pending !== 0) return `${outbox?.pending} outbox rows wait`;
    for (const { name, headSeq } of standings) {
      const [head] = await this.sql<{ id: string }>('SELECT id FROM `release` WHERE environment = ? AND seq = ?', [name, headSeq]);
      if (!head) return `${name} has no release ${headSeq}`;
      const { applied, pending, rejected, summary } = await this.propagation(head.id);
      if (applied < this.parts.edges.length || pending > 0 || rejected > 0) return `${name}: ${summary}`;
    }
    return undefined;
  }

  dispose(): Promise<void> {
    return this.parts.dispose();
  }
}

/** What an edge's `/readyz` tells. */
export interface Readiness {
  ready: boolean;
  stale: string | null;
  environments: { environment: string; seq: number | null; stateHash: string | null; rejected: { seq: number; reason: string } | null }[];
}

export async function readiness(edge: AppProcess): Promise<Readiness> {
  const response = await fetch(`${edge.url}/readyz`, { signal: AbortSignal.timeout(2_000) });
  const { stale, checks } = (await response.json()) as { stale: string | null; checks: { state: Pick<Readiness, 'environments'> } };
  return { ready: response.ok, stale, environments: checks.state.environments };
}

async function revive(processes: readonly OwnedProcess[]): Promise<void> {
  await Promise.all(
    processes.map(async (process) => {
      process.resume();
      if (!process.running) await process.start();
    }),
  );
}
