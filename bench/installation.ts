import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppName, freePort, PrivateMariaDb, PrivateRedis } from '@paddock/processes';
import {
  createDatabase,
  paddock,
  startApp,
  temporaryDirectory,
  type TestApp,
  type ThrowawayDatabase,
} from '@paddock/testing';

/** The database and the Redis of one run, with the durability that an installation has. */
export interface Servers {
  readonly mysql: PrivateMariaDb;
  readonly redis: PrivateRedis;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const directory = await temporaryDirectory();
  const mysql = new PrivateMariaDb({ dir: join(directory.path, 'mysql'), port: await freePort(), password: 'bench' });
  const redis = new PrivateRedis({ dir: join(directory.path, 'redis'), port: await freePort(), password: 'bench' });
  await Promise.all([mysql.start(), redis.start()]);
  return {
    mysql,
    redis,
    async stop() {
      await Promise.all([mysql.kill9(), redis.kill9()]);
      await directory.remove();
    },
  };
}

/** The sign-in of a seeded installation. */
export interface SignIn {
  email: string;
  password: string;
}

/** A migrated and seeded Paddock with its own database and Redis prefix. */
export class Installation {
  private readonly running = new Set<TestApp>();

  private constructor(
    /** Also the prefix of its keys in Redis. */
    readonly name: string,
    readonly database: ThrowawayDatabase,
    readonly signIn: SignIn,
    readonly env: Readonly<Record<string, string>>,
    private readonly directory: string,
  ) {}

  static async create({ mysql, redis }: Servers, name: string): Promise<Installation> {
    const database = await createDatabase(new URL(mysql.url));
    const directory = await temporaryDirectory();
    const env = { NODE_ENV: 'production', DATABASE_URL: database.url.href, REDIS_URL: redis.url, REDIS_PREFIX: name };
    const credentials = join(directory.path, 'sample.json');
    await paddock(['migrate'], env);
    await paddock(['seed'], { ...env, SEED_OUTPUT: credentials });
    const { signIn }: { signIn: SignIn } = JSON.parse(await readFile(credentials, 'utf8'));
    return new Installation(name, database, signIn, env, directory.path);
  }

  /** Starts an app; edges of one name share what they keep on disk. */
  async start(
    app: AppName,
    { instance = 'edge-1', env = {} }: { instance?: string; env?: Readonly<Record<string, string>> } = {},
  ): Promise<TestApp> {
    const edge = { EDGE_INSTANCE: instance, EDGE_STATE_DIR: join(this.directory, instance) };
    const started = await startApp(app, { ...this.env, ...edge, ...env }, { ready: false });
    this.running.add(started);
    await started.app.start({ readyTimeoutMs: 180_000 });
    return started;
  }

  async stop(started: TestApp): Promise<void> {
    await started.dispose();
    this.running.delete(started);
  }

  async stopAll(): Promise<void> {
    for (const started of this.running) await this.stop(started);
  }
}
