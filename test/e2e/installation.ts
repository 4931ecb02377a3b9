import type { Pool, RowDataPacket } from 'mysql2/promise';
import type { AppProcess, OwnedProcess, PrivateMariaDb, PrivateRedis } from '@paddock/processes';
import { type TcpProxy, until } from '@paddock/testing';
import { Editor } from '../../apps/control-plane/src/testing/editor.js';
import { GraphqlClient } from '../../apps/control-plane/src/testing/graphql-client.js';
import type { SmallDisk } from './small-disk.js';

/** The objects that `paddock seed` created. */
export interface Credentials {
  readonly signIn: { readonly email: string; readonly password: string };
  readonly clientKey: string;
}

/** Between one app and the servers behind it. */
export interface AppNetwork {
  readonly redis: TcpProxy;
  /** Of apps that use MySQL. */
  readonly database: TcpProxy | undefined;
}

/** Parts whose files may lie on a small disk of their own. */
export type DiskUser = 'mariaDb' | 'redis' | 'edge' | 'analytics';

/** The processes of an installation; each keeps its address over restarts. */
export interface InstallationParts {
  /** Another one after a failover. */
  redis: PrivateRedis;
  /** Undefined where it is the tests' server, which no test may kill. */
  readonly mariaDb: PrivateMariaDb | undefined;
  /** Between the control plane and a database of its own. */
  readonly databaseNetwork: TcpProxy | undefined;
  readonly controlPlane: AppProcess;
  readonly worker: AppProcess;
  readonly edges: readonly AppProcess[];
  /** With `dataPlanes`. */
  readonly analytics: AppProcess | undefined;
  readonly odds: AppProcess | undefined;
  /** With `networks`: those of every app; edges follow their order. */
  readonly networks: ReadonlyMap<AppProcess, AppNetwork>;
  /** The small disks that were asked for. */
  readonly disks: ReadonlyMap<DiskUser, SmallDisk>;
  /** Where each edge keeps its state, in the order of `edges`. */
  readonly stateDirectories: readonly string[];
  /** Where analytics keeps its events; with `dataPlanes`. */
  readonly eventStore: string | undefined;
  readonly database: Pool;
  readonly databaseUrl: string;
  readonly credentials: Credentials;
  /** Migrates the tables and lets processes that start from now on run the code of today; for installations `from` a commit. */
  readonly upgrade: () => Promise<void>;
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
  private readonly endings: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly parts: InstallationParts,
    /** Of the sample administrator. */
    readonly token: string,
    /** Signed in by that token. */
    readonly editor: Editor,
  ) {}

  static async of(parts: InstallationParts): Promise<Installation> {
    const signIn =
      'mutation ($input: SignInInput!) { signIn(input: $input) { ... on Session { token } ... on Problem { message } } }';
    const { data } = await new GraphqlClient(parts.controlPlane.url).send(signIn, { input: parts.credentials.signIn });
    const { token } = data?.signIn as { token: string };
    return new Installation(parts, token, new Editor(new GraphqlClient(parts.controlPlane.url, token)));
  }

  get apps(): readonly AppProcess[] {
    const { controlPlane, worker, edges, analytics, odds } = this.parts;
    return [controlPlane, worker, ...edges, ...(analytics ? [analytics] : []), ...(odds ? [odds] : [])];
  }

  /** The proxies between an app and the servers behind it. */
  network(app: AppProcess): AppNetwork {
    const network = this.parts.networks.get(app);
    if (!network) throw new Error('the installation was started without networks');
    return network;
  }

  disk(user: DiskUser): SmallDisk {
    const disk = this.parts.disks.get(user);
    if (!disk) throw new Error(`${user} has no disk of its own`);
    return disk;
  }

  get mariaDb(): PrivateMariaDb {
    if (!this.parts.mariaDb) throw new Error('the installation has no database of its own');
    return this.parts.mariaDb;
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
    return this.sql<Standing>(
      'SELECT name, head_seq AS headSeq, state_hash AS stateHash FROM environment ORDER BY name',
    );
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

  /** Starts what does not run, resumes what is paused, heals networks, frees disks, and waits until all of it agrees again. */
  async heal(timeoutMs = 90_000): Promise<void> {
    await this.revive();
    await this.converged(timeoutMs);
  }

  /** The same without waiting until all of it agrees. */
  async revive(): Promise<void> {
    const { redis, mariaDb, databaseNetwork, networks, disks } = this.parts;
    databaseNetwork?.heal();
    for (const network of networks.values()) {
      network.redis.heal();
      network.database?.heal();
    }
    await Promise.all([...disks.values()].map((disk) => disk.free()));
    await revive([redis, ...(mariaDb ? [mariaDb] : [])]);
    await revive(this.apps);
  }

  /** Waits until every edge holds what MySQL says, has said so, and nothing waits for delivery any more. */
  async converged(timeoutMs = 90_000): Promise<void> {
    await until(
      () => this.disagreement().then((reason) => (reason === undefined ? true : Promise.reject(new Error(reason)))),
      {
        timeoutMs,
        everyMs: 100,
        what: 'convergence',
      },
    );
  }

  private async disagreement(): Promise<string | undefined> {
    const standings = await this.standings();
    for (const [number, edge] of this.parts.edges.entries()) {
      const state = await readiness(edge);
      if (state.stale !== null) return `edge ${number} is stale since ${state.stale}`;
      for (const { name, headSeq, stateHash } of standings) {
        const held = state.environments.find(({ environment }) => environment === name);
        if (held?.seq !== headSeq || held.stateHash !== stateHash)
          return `edge ${number} holds ${name} ${held?.seq} ${held?.stateHash}, not ${headSeq} ${stateHash}`;
      }
    }
    const [outbox] = await this.sql<{ pending: number }>(
      'SELECT COUNT(*) AS pending FROM outbox WHERE delivered_at IS NULL',
    );
    if (outbox?.pending !== 0) return `${outbox?.pending} outbox rows wait`;
    for (const { name, headSeq } of standings) {
      const [head] = await this.sql<{ id: string }>('SELECT id FROM `release` WHERE environment = ? AND seq = ?', [
        name,
        headSeq,
      ]);
      if (!head) return `${name} has no release ${headSeq}`;
      const { applied, pending, rejected, summary } = await this.propagation(head.id);
      if (applied < this.parts.edges.length || pending > 0 || rejected > 0) return `${name}: ${summary}`;
    }
    return undefined;
  }

  /** Brings an installation of an older commit up to the tables of today; each app runs the code of today once it is restarted. */
  upgrade(): Promise<void> {
    return this.parts.upgrade();
  }

  /** Ends something with the installation that was started later. */
  endWith(end: () => Promise<unknown>): void {
    this.endings.push(end);
  }

  async dispose(): Promise<void> {
    for (const end of this.endings.toReversed()) await end();
    await this.parts.dispose();
  }
}

/** The details of an edge's `/readyz`. */
export interface Readiness {
  ready: boolean;
  stale: string | null;
  environments: {
    environment: string;
    seq: number | null;
    stateHash: string | null;
    rejected: { seq: number; reason: string } | null;
  }[];
}

export async function readiness(edge: AppProcess): Promise<Readiness> {
  const ask = (url: string): Promise<Response> => fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
  // Releases before the operations port showed the details on the public one.
  const response = await ask(edge.operationsUrl).catch(() => ask(edge.url));
  const { stale, checks } = (await response.json()) as {
    stale: string | null;
    checks: { state: Pick<Readiness, 'environments'> };
  };
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
