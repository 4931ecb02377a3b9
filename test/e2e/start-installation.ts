import { execFile } from 'node:child_process';
import { readFile, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { createConnection, createPool } from 'mysql2/promise';
import {
  accountOf,
  type AppName,
  type AppProcess,
  DATABASE_USERS,
  databaseUserName,
  type Environment,
  passwordVariable,
  type PrivateRedis,
  urlAs,
} from '@paddock/processes';
import {
  createDatabase,
  startApp,
  startPrivateMariaDb,
  startPrivateRedis,
  TcpProxy,
  temporaryDirectory,
} from '@paddock/testing';
import { type AppNetwork, type Credentials, type DiskUser, Installation } from './installation.js';
import { buildCommit } from './previous-build.js';
import { SmallDisk } from './small-disk.js';

const run = promisify(execFile);
/** The compiled tree that `npm test` made. */
const TODAY = resolve('dist');

export interface InstallationOptions {
  readonly edges?: number;
  /** A MariaDB of its own, which may be killed, behind a network that may fail; otherwise a database on the tests' server. */
  readonly ownDatabase?: boolean;
  /** A network that may fail between every app and each server behind it. */
  readonly networks?: boolean;
  /** Analytics and odds besides. */
  readonly dataPlanes?: boolean;
  /** Megabytes of the small disks of those parts that shall have one. */
  readonly disks?: Readonly<Partial<Record<DiskUser, number>>>;
  /** Added to the settings of all apps. */
  readonly env?: Environment;
  /** The commit whose tables, sample and apps these are until `upgrade`. */
  readonly from?: string;
}

type Place = Awaited<ReturnType<typeof temporaryDirectory>>;

/** Starts an installation as `npm start` does: servers, tables, sample site, apps; and waits until every edge serves it. */
export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const { edges = 2, ownDatabase = false, env = {}, dataPlanes = false } = options;
  const endings: (() => Promise<unknown>)[] = [];
  const dispose = async (): Promise<void> => {
    for (const end of endings.toReversed()) await end();
  };
  try {
    const directory = await temporaryDirectory();
    endings.push(() => directory.remove());
    const disks = new Map<DiskUser, SmallDisk>();
    const place = async (user: DiskUser): Promise<Place> => {
      const megabytes = options.disks?.[user];
      if (megabytes === undefined) return temporaryDirectory();
      const disk = await SmallDisk.mount(megabytes);
      disks.set(user, disk);
      return disk;
    };
    const database = ownDatabase ? await databaseOfItsOwn(await place('mariaDb')) : await sharedDatabase();
    endings.push(database.dispose);
    // An older commit does not know the users of processes.
    const users = options.from === undefined;
    const redis = await startPrivateRedis(place('redis'), { users });
    endings.push(redis.dispose);
    // The editor signs in once, and some rounds take longer than a proof of the password counts.
    const settings = { REDIS_URL: redis.server.url, DATABASE_URL: database.url, FRESH_SIGN_IN_MINUTES: '720', ...env };
    const code = await Code.at(join(directory.path, 'dist'), options.from);
    if (users && !ownDatabase) endings.push(() => dropUsers(database.url, database.userPrefix));
    if (users) endings.push(() => nothingRefused(redis.server));
    const migrating = { ...settings, ...(users ? userSettings(database.userPrefix) : {}) };
    /** Where an app finds the servers: as the user that it has there. */
    const addressesFor = (name: AppName): Environment => {
      if (!users) return {};
      const url = name === 'controlPlane' ? database.urlThroughNetwork : database.url;
      const user = DATABASE_USERS.find((known) => known === name);
      return {
        REDIS_URL: redis.server.urlFor(name),
        DATABASE_URL: user && urlAs(url, databaseUserName(database.userPrefix, user), USER_PASSWORD),
      };
    };

    const credentials = await prepare(
      code,
      { migrating, seeding: { ...settings, ...addressesFor('controlPlane') } },
      join(directory.path, 'credentials.json'),
    );

    const networks = new Map<AppProcess, AppNetwork>();
    const make = async (name: AppName, more: Environment = {}): Promise<AppProcess> => {
      const own = { ...settings, ...more, ...addressesFor(name) };
      const network = options.networks ? await networkOf(name, own) : undefined;
      if (network) endings.push(network.close);
      const made = await startApp(name, { ...own, ...network?.settings }, { ready: false, dist: code.dist });
      endings.push(() => made.dispose());
      if (network) networks.set(made.app, network);
      return made.app;
    };
    const keep = async (user: DiskUser): Promise<string> => {
      const directory = await place(user);
      endings.push(() => directory.remove());
      return directory.path;
    };
    const controlPlane = await make('controlPlane', { DATABASE_URL: database.urlThroughNetwork });
    const worker = await make('worker');
    const stateDirectories: string[] = [];
    const running: AppProcess[] = [];
    for (let number = 1; number <= edges; number += 1) {
      const path = number === 1 ? await keep('edge') : join(directory.path, `edge-${number}`);
      stateDirectories.push(path);
      running.push(await make('edge', { EDGE_STATE_DIR: path, EDGE_INSTANCE: `edge-${number}` }));
    }
    const eventStore = dataPlanes ? join(await keep('analytics'), 'store') : undefined;
    const analytics =
      eventStore === undefined ? undefined : await make('analytics', analyticsSettings(eventStore, directory.path));
    const odds = dataPlanes
      ? await make('odds', { ODDS_STATE_DIR: join(directory.path, 'odds'), ODDS_INSTANCE: 'odds-1' })
      : undefined;
    await Promise.all(
      [controlPlane, worker, ...running, ...(analytics ? [analytics] : []), ...(odds ? [odds] : [])].map((app) =>
        app.start(),
      ),
    );
    const pool = createPool({ uri: database.url, supportBigNumbers: true, timezone: 'Z' });
    endings.push(() => pool.end());
    const installation = await Installation.of({
      redis: redis.server,
      mariaDb: database.server,
      databaseNetwork: database.network,
      controlPlane,
      worker,
      edges: running,
      analytics,
      odds,
      networks,
      disks,
      stateDirectories,
      eventStore,
      database: pool,
      databaseUrl: database.url,
      credentials,
      async upgrade() {
        await code.use(TODAY);
        await migrate(code, settings);
      },
      dispose,
    });
    await installation.converged();
    return installation;
  } catch (error) {
    await dispose();
    throw error;
  }
}

function analyticsSettings(store: string, directory: string): Environment {
  return {
    ANALYTICS_STORE_DIR: store,
    ANALYTICS_STATE_DIR: join(directory, 'analytics-state'),
    ANALYTICS_INSTANCE: 'analytics-1',
    ANALYTICS_OPEN_READS: 'true',
    ANALYTICS_ANONYMOUS: 'true',
  };
}

/** Proxies of one app to the servers that it uses, and the settings by which it takes that way. */
async function networkOf(name: AppName, { REDIS_URL = '', DATABASE_URL = '' }: Environment) {
  const redis = await TcpProxy.to(Number(new URL(REDIS_URL).port));
  const usesDatabase = name === 'controlPlane' || name === 'worker' || name === 'odds';
  const database = usesDatabase ? await TcpProxy.to(Number(new URL(DATABASE_URL).port)) : undefined;
  return {
    redis,
    database,
    settings: {
      REDIS_URL: through(redis, REDIS_URL),
      ...(database ? { DATABASE_URL: through(database, DATABASE_URL) } : {}),
    },
    async close() {
      await Promise.all([redis.close(), database?.close()]);
    },
  };
}

function through(proxy: TcpProxy, url: string): string {
  const changed = new URL(url);
  changed.port = String(proxy.port);
  return changed.href;
}

async function databaseOfItsOwn(place: Place) {
  const { server, dispose } = await startPrivateMariaDb('paddock', Promise.resolve(place));
  const network = await TcpProxy.to(Number(new URL(server.url).port));
  return {
    url: server.url,
    urlThroughNetwork: through(network, server.url),
    userPrefix: 'paddock',
    server,
    network,
    async dispose() {
      await network.close();
      await dispose();
    },
  };
}

async function sharedDatabase() {
  const { name, url, drop } = await createDatabase();
  return {
    url: url.href,
    urlThroughNetwork: url.href,
    userPrefix: `p${name.slice(-12)}`,
    server: undefined,
    network: undefined,
    dispose: drop,
  };
}

/** The compiled tree that an installation runs, by a link that an upgrade points elsewhere. */
class Code {
  private constructor(readonly dist: string) {}

  static async at(link: string, commit: string | undefined): Promise<Code> {
    if (commit === undefined) return new Code(TODAY);
    const code = new Code(link);
    await code.use(await buildCommit(commit));
    return code;
  }

  async use(dist: string): Promise<void> {
    await rm(this.dist, { force: true });
    await symlink(dist, this.dist);
  }
}

async function prepare(
  code: Code,
  { migrating, seeding }: { migrating: Environment; seeding: Environment },
  credentialsFile: string,
): Promise<Credentials> {
  await migrate(code, migrating);
  const env = { NODE_ENV: 'test', ...seeding, SEED_OUTPUT: credentialsFile };
  await run(process.execPath, [join(code.dist, 'apps/cli/src/main.js'), 'seed'], { env });
  return JSON.parse(await readFile(credentialsFile, 'utf8')) as Credentials;
}

async function migrate({ dist }: Code, settings: Environment): Promise<void> {
  const env = { NODE_ENV: 'test', ...settings };
  await run(process.execPath, [join(dist, 'apps/odds/src/migrate.js')], { env });
  await run(process.execPath, [join(dist, 'apps/cli/src/main.js'), 'migrate'], { env });
}

const USER_PASSWORD = 'of-every-user';

/** The variables with which migrations create the users of processes. */
function userSettings(prefix: string): Environment {
  return {
    DATABASE_USER_PREFIX: prefix,
    ...Object.fromEntries(DATABASE_USERS.map((user) => [passwordVariable(user), USER_PASSWORD])),
  };
}

/** A process must be allowed everything it does: a refusal means that its user lacks a right. */
async function nothingRefused(server: PrivateRedis): Promise<void> {
  if (!server.running) return;
  server.resume();
  const redis = new Redis(server.url);
  const refused = await redis.call('ACL', 'LOG').finally(() => redis.disconnect());
  if (Array.isArray(refused) && refused.length > 0)
    throw new Error(`Redis refused to a process: ${JSON.stringify(refused)}`);
}

async function dropUsers(url: string, prefix: string): Promise<void> {
  const connection = await createConnection(url);
  for (const user of DATABASE_USERS) await connection.query(`DROP USER IF EXISTS ${accountOf(prefix, user)}`);
  await connection.end();
}

/**
 * Runs the `paddock` command and returns what it printed.
 * @throws Error with its output when it exits with anything but 0
 */
export async function paddock(env: Environment, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(TODAY, 'apps/cli/src/main.js'), ...args], {
    env: { NODE_ENV: 'test', ...env },
  });
  return stdout;
}
