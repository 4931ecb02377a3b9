import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createPool } from 'mysql2/promise';
import type { AppName, AppProcess, Environment } from '#processes';
import { createDatabase, startApp, startPrivateMariaDb, startPrivateRedis, TcpProxy, temporaryDirectory } from '#testing';
import { type Credentials, Installation } from './installation.js';

const run = promisify(execFile);

export interface InstallationOptions {
  readonly edges?: number;
  /** A MariaDB of its own, which may be killed, behind a network that may fail; otherwise a database on the tests' server. */
  readonly ownDatabase?: boolean;
  /** Added to the settings of all apps. */
  readonly env?: Environment;
}

/** Starts an installation as `npm start` does: servers, tables, sample site, apps; and waits until every edge serves it. */
export async function startInstallation({ edges = 2, ownDatabase = false, env = {} }: InstallationOptions = {}): Promise<Installation> {
  const directory = await temporaryDirectory();
  const endings = [() => directory.remove()];
  const dispose = async (): Promise<void> => {
    for (const end of endings.toReversed()) await end();
  };
  try {
    const database = ownDatabase ? await databaseOfItsOwn() : await sharedDatabase();
    endings.push(database.dispose);
    const redis = await startPrivateRedis();
    endings.push(redis.dispose);
    const settings = { REDIS_URL: redis.server.url, DATABASE_URL: database.url, ...env };
    const credentials = await prepare(settings, join(directory.path, 'credentials.json'));

    const stateDirectories = Array.from({ length: edges }, (_, number) => join(directory.path, `edge-${number + 1}`));
    const make = async (app: AppName, more: Environment) => {
      const made = await startApp(app, { ...settings, ...more }, { ready: false });
      endings.push(() => made.dispose());
      return made.app;
    };
    const controlPlane = await make('controlPlane', { DATABASE_URL: database.urlThroughNetwork });
    const worker = await make('worker', {});
    const running: AppProcess[] = [];
    for (const [number, path] of stateDirectories.entries()) {
      running.push(await make('edge', { EDGE_STATE_DIR: path, EDGE_INSTANCE: `edge-${number + 1}` }));
    }
    await Promise.all([controlPlane, worker, ...running].map((app) => app.start()));
    const pool = createPool({ uri: database.url, supportBigNumbers: true, timezone: 'Z' });
    endings.push(() => pool.end());
    const installation = await Installation.of({
      redis: redis.server,
      mariaDb: database.server,
      databaseNetwork: database.network,
      controlPlane,
      worker,
      edges: running,
      stateDirectories,
      database: pool,
      databaseUrl: database.url,
      credentials,
      dispose,
    });
    await installation.converged();
    return installation;
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function databaseOfItsOwn() {
  const { server, dispose } = await startPrivateMariaDb();
  const network = await TcpProxy.to(Number(new URL(server.url).port));
  const through = new URL(server.url);
  through.port = String(network.port);
  return {
    url: server.url,
    urlThroughNetwork: through.href,
    server,
    network,
    async dispose() {
      await network.close();
      await dispose();
    },
  };
}

async function sharedDatabase() {
  const { url, drop } = await createDatabase();
  return { url: url.href, urlThroughNetwork: url.href, server: undefined, network: undefined, dispose: drop };
}

async function prepare(settings: Environment, credentialsFile: string): Promise<Credentials> {
  await paddock(settings, 'migrate');
  await paddock({ ...settings, SEED_OUTPUT: credentialsFile }, 'seed');
  return JSON.parse(await readFile(credentialsFile, 'utf8')) as Credentials;
}

/**
 * Runs the `paddock` command and returns what it printed.
 * @throws Error with its output when it exits with anything but 0
 */
export async function paddock(env: Environment, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [resolve('dist/apps/cli/src/main.js'), ...args], { env: { NODE_ENV: 'test', ...env } });
  return stdout;
}
