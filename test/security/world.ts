import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Pool } from 'mysql2/promise';
import { createPool } from 'mysql2/promise';
import { sha256Hex } from '@paddock/contracts';
import type { AppName, AppProcess, Environment } from '@paddock/processes';
import { createDatabase, startApp, startPrivateRedis, temporaryDirectory, until } from '@paddock/testing';
import { Editor } from '../../apps/control-plane/src/testing/editor.js';
import { GraphqlClient } from '../../apps/control-plane/src/testing/graphql-client.js';

const run = promisify(execFile);

/** An installation in production mode, run from what the image holds, that every row of the suite attacks. */
export interface AttackedWorld {
  readonly apps: Readonly<Record<AppName, AppProcess>>;
  /** Of all sites. */
  readonly admin: Editor;
  readonly credentials: {
    readonly signIn: { readonly email: string; readonly password: string };
    readonly clientKey: string;
  };
  readonly operatorKey: string;
  readonly database: Pool;
  /** Runs the operator command; its output and how it ended. */
  paddock(...args: string[]): Promise<{ output: string; code: number }>;
  /** Signed in as a new user with these grants. */
  signedIn(grants: readonly object[]): Promise<{ editor: Editor; token: string; userId: string }>;
  close(): Promise<void>;
}

export const newPassword = (): string => randomBytes(18).toString('base64url');

export async function signIn(url: string, email: string, password: string): Promise<string> {
  const query =
    'mutation ($input: SignInInput!) { signIn(input: $input) { ... on Session { token } ... on Problem { code message } } }';
  const { data } = await new GraphqlClient(url).send(query, { input: { email, password } });
  return (data?.signIn as { token: string }).token;
}

/** Starts it once for the whole suite. */
export async function startAttackedWorld(): Promise<AttackedWorld> {
  const endings: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of endings.toReversed()) await end();
  };
  try {
    const dist = await runtimeTree(endings);
    const [database, redis, directory] = await Promise.all([
      createDatabase(),
      startPrivateRedis(),
      temporaryDirectory(),
    ]);
    endings.push(database.drop, redis.dispose, () => directory.remove());
    const operatorKey = newPassword();
    const env: Environment = {
      NODE_ENV: 'production',
      DATABASE_URL: database.url.href,
      REDIS_URL: redis.server.url,
      ADOPTION_KEY: randomBytes(32).toString('hex'),
      EDGE_STATE_DIR: join(directory.path, 'edge'),
      ODDS_STATE_DIR: join(directory.path, 'odds'),
      ANALYTICS_STATE_DIR: join(directory.path, 'analytics'),
      ANALYTICS_STORE_DIR: join(directory.path, 'store'),
      ANALYTICS_OPERATORS: `suite=${sha256Hex(operatorKey)}`,
    };
    const command = async (args: string[], more: Environment = {}) =>
      run(process.execPath, args, { env: { ...env, ...more } });
    const cli = join(dist, 'apps/cli/src/main.js');
    const seeded = join(directory.path, 'sample.json');
    await command([cli, 'migrate']);
    await Promise.all([
      command([join(dist, 'apps/odds/src/migrate.js')]),
      command([cli, 'seed'], { SEED_OUTPUT: seeded }),
    ]);
    const credentials = JSON.parse(await readFile(seeded, 'utf8')) as AttackedWorld['credentials'];

    const start = async (name: AppName): Promise<AppProcess> => {
      const started = await startApp(name, env, { dist, ready: false });
      endings.push(() => started.dispose());
      await started.app.start();
      return started.app;
    };
    const [controlPlane, worker, edge, analytics, odds] = await Promise.all(
      (['controlPlane', 'worker', 'edge', 'analytics', 'odds'] as const).map(start),
    );
    if (!controlPlane || !worker || !edge || !analytics || !odds) throw new Error('not every app has started');
    const token = await signIn(controlPlane.url, credentials.signIn.email, credentials.signIn.password);
    const pool = createPool({ uri: database.url.href, supportBigNumbers: true });
    endings.push(() => pool.end());
    const client = new GraphqlClient(controlPlane.url, token);
    return {
      apps: { controlPlane, worker, edge, analytics, odds },
      admin: new Editor(client),
      credentials,
      operatorKey,
      database: pool,
      async paddock(...args) {
        try {
          return { output: (await command([cli, ...args])).stdout, code: 0 };
        } catch (error) {
          const { stdout = '', code = -1 } = error as { stdout?: string; code?: number };
          return { output: stdout, code };
        }
      },
      async signedIn(grants) {
        const [email, password] = [`user-${randomBytes(6).toString('hex')}@acme.example`, newPassword()];
        const created = await client.send(
          'mutation ($input: CreateUserInput!) { createUser(input: $input) { ... on User { id } ... on Problem { code message } } }',
          { input: { email, name: 'A user', password, grants } },
        );
        const { id } = created.data?.createUser as { id: string };
        const session = await signIn(controlPlane.url, email, password);
        return { editor: new Editor(new GraphqlClient(controlPlane.url, session)), token: session, userId: id };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The contents of the image, by hard links: the compiled tree and the packages that it loads, without any others. */
async function runtimeTree(endings: (() => Promise<unknown>)[]): Promise<string> {
  await mkdir('.paddock', { recursive: true });
  const tree = await mkdtemp(resolve('.paddock', 'runtime-'));
  endings.push(() => rm(tree, { recursive: true, force: true }));
  await run(process.execPath, [resolve('scripts/copy-runtime.mjs'), tree, '--link']);
  return join(tree, 'dist');
}

/** Waits until the worker has delivered the sample site. */
export async function sampleIsServed({ edge }: AttackedWorld['apps']): Promise<void> {
  await until(async () => (await fetch(`${edge.url}/v1/production/sites/acme-uk/layouts/home`)).ok, {
    timeoutMs: 60_000,
    what: 'the sample site',
  });
}
