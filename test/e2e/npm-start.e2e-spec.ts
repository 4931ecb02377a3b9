import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { APP_NAMES, freePort, mayHave, type ProcessName } from '@paddock/processes';
import { paddock, temporaryDirectory, until } from '@paddock/testing';
import { namingProblems } from '../metrics/naming-problems.js';
import { parsePrometheusText } from '../metrics/prometheus-text.js';

const STARTED: readonly ProcessName[] = APP_NAMES;

/** Secrets of the shell: some are settings of one process, the last belongs to no process. */
const CANARIES = {
  EDGE_CLK_SECRET: 'canary-of-the-edge-only',
  ODDS_SECRET_FEED: 'canary-of-odds-only',
  ODDS_SECRET_FEED_HOSTS: 'canary.example.com',
  AWS_SECRET_ACCESS_KEY: 'canary-of-no-process',
};

interface RunFile {
  controlPlane: string;
  edge: string;
  analytics: string;
  odds: string;
  operations: Record<string, string>;
  mysql: string;
  redis: string;
  cli: { mysql: string; redis: string };
  analyticsOperatorKey: string;
  signIn: { email: string; password: string };
  pids: Record<string, number>;
}

describe('npm start', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let env: NodeJS.ProcessEnv;
  let runner: Runner;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    env = {
      PATH: process.env['PATH'],
      PADDOCK_DIR: join(directory.path, 'local'),
      PORT_BASE: String(await freePort()),
      ...CANARIES,
    };
    runner = run('start', env);
    await until(runFile, { timeoutMs: 180_000, what: 'the first start' });
  });
  afterAll(async () => {
    await runner.stop();
    await directory.remove();
  });

  const runFile = async (): Promise<RunFile> =>
    JSON.parse(await readFile(join(directory.path, 'local', 'run.json'), 'utf8'));
  const homepage = async (): Promise<string> => {
    const { edge } = await runFile();
    const response = await fetch(`${edge}/v1/production/sites/acme-uk/layouts/home`);
    if (!response.ok) throw new Error(`the edge answers ${response.status}`);
    return response.text();
  };

  test('shows addresses and sign-in, and serves the sample site', async () => {
    const { controlPlane, signIn } = await runFile();
    expect(runner.output()).toContain(`${controlPlane}/graphql`);
    expect(runner.output()).toContain(signIn.password);
    expect(await homepage()).toContain('"slots":[{');
  });

  test('a healthy start logs no warning', async () => {
    expect(await warnings(env)).toEqual([]);
  });

  test('every picture of the sample pages exists, and no page shows a promo twice', async () => {
    const { edge } = await runFile();
    for (const path of ['acme-uk/layouts/home?device=app&visitor=1', 'acme-uk/layouts/home', 'acme-ie/layouts/home']) {
      const response = await fetch(`${edge}/v1/production/sites/${path}`);
      const page: { slots: { items: { type: string; key?: string; image?: { url: string } }[] }[] } = JSON.parse(
        await response.text(),
      );
      const items = page.slots.flatMap((slot) => slot.items);
      const promos = items.flatMap(({ type, key }) => (type === 'promo' && key ? [key] : []));
      expect(promos.length).toBeGreaterThan(0);
      expect(promos).toEqual([...new Set(promos)]);
      const pictures = items.flatMap(({ image }) => (image ? [image.url] : []));
      expect(pictures.length).toBeGreaterThan(0);
      for (const url of pictures) {
        const picture = await fetch(new URL(url, edge));
        const bytes = Buffer.from(await picture.arrayBuffer());
        expect({ url, status: picture.status, type: picture.headers.get('content-type') }).toEqual({
          url,
          status: 200,
          type: 'image/png',
        });
        // The signature of PNG, and no more than a page can bear.
        expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
        expect(bytes.length).toBeLessThan(20_000);
        const etag = picture.headers.get('etag') ?? '';
        expect((await fetch(new URL(url, edge), { headers: { 'if-none-match': etag } })).status).toBe(304);
      }
    }
  });

  test('counts the sample events with the sample metrics, and says that both are applied', async () => {
    const { analytics, controlPlane, analyticsOperatorKey } = await runFile();
    const headers = { authorization: `Bearer ${analyticsOperatorKey}`, 'content-type': 'application/json' };
    const usage = async (): Promise<{ event: string; producer: string }[]> => {
      const { usage: counted }: { usage: { event: string; producer: string }[] } = JSON.parse(
        await (await fetch(`${analytics}/v1/usage`, { headers })).text(),
      );
      return counted;
    };
    await until(
      async () => (await usage()).some(({ event, producer }) => event === 'page_view' && producer === 'sample'),
      { timeoutMs: 60_000, what: 'sample events' },
    );
    const query = `query { metricSeries(input: { metric: "page-views", from: "${new Date(Date.now() - 3_600_000).toISOString()}", to: "${new Date(Date.now() + 60_000).toISOString()}", grain: HOUR }) { __typename ... on MetricSeries { series { points { value } } } } }`;
    await until(
      async () => {
        const response = await fetch(`${analytics}/graphql`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ query }),
        });
        return /"value":[1-9]/.test(await response.text());
      },
      { timeoutMs: 60_000, what: 'page views in the series' },
    );
    expect((await fetch(`${controlPlane}/readyz`)).ok).toBe(true);
  });

  test('has prices that move, from the feed that its config says', async () => {
    const { operations } = await runFile();
    const odds = operations['odds'] ?? '';
    const updates = async (): Promise<number> => {
      const text = await (await fetch(`${odds}/metrics`)).text();
      return Number(/^paddock_odds_updates_total\{.*type="market".*\} (\d+)/m.exec(text)?.[1] ?? 0);
    };
    const first = await until(async () => (await updates()) || undefined, { timeoutMs: 60_000, what: 'a first price' });
    await until(async () => (await updates()) > first, { timeoutMs: 60_000, what: 'another price' });
    const response = await fetch(`${odds}/readyz`);
    const { checks } = (await response.json()) as { checks: { feeds: { running: string[] }; config: { seq: number } } };
    expect(checks).toMatchObject({ feeds: { running: ['sim'] }, config: { environment: 'production', seq: 1 } });
  });

  test.each(['controlPlane', 'worker', 'edge', 'odds', 'analytics'])(
    'the metrics of %s follow the conventions of Prometheus and say what was built',
    async (name) => {
      const { operations } = await runFile();
      const families = parsePrometheusText(await (await fetch(`${operations[name]}/metrics`)).text());
      // Analytics names its own metrics.
      const own = [...families.values()].filter((family) => !family.name.startsWith('analytics_'));
      expect(own.flatMap(namingProblems)).toEqual([]);
      expect(families.get('paddock_build_info')?.samples).toEqual([
        {
          name: 'paddock_build_info',
          labels: {
            app: expect.any(String),
            version: expect.stringMatching(/^\d+\.\d+\.\d+/),
            revision: expect.stringMatching(/^(?:[0-9a-f]{12,40}(?:-dirty)?|unknown)$/),
            node: expect.stringMatching(/^v2[4-9]\./),
          },
          value: 1,
        },
      ]);
    },
  );

  test('sign-ins, landed releases, queues and propagation are counted', async () => {
    const { operations, controlPlane, signIn } = await runFile();
    const valueOf = async (app: string, name: string, labels: Record<string, string>): Promise<number | undefined> => {
      const families = parsePrometheusText(await (await fetch(`${operations[app]}/metrics`)).text());
      const samples = [...families.values()].flatMap((family) => family.samples);
      return samples.find(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
      )?.value;
    };
    for (const password of [signIn.password, 'not the password of anyone'])
      await fetch(`${controlPlane}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }',
          variables: { input: { email: signIn.email, password } },
        }),
      });
    const signIns = (result: string) =>
      valueOf('controlPlane', 'paddock_mutations_total', { mutation: 'signIn', result });
    expect([await signIns('OK'), await signIns('INVALID_CREDENTIALS')]).toEqual([1, 1]);
    const worker = (name: string, labels = {}) => valueOf('worker', name, labels);
    await until(async () => (await worker('paddock_queue_jobs', { state: 'waiting' })) !== undefined, {
      timeoutMs: 30_000,
      what: 'a count of jobs',
    });
    await until(async () => ((await worker('paddock_propagation_seconds_count', { consumer: 'edge' })) ?? 0) > 0, {
      timeoutMs: 30_000,
      what: 'the propagation of the sample',
    });
    expect(await worker('paddock_outbox_oldest_pending_seconds')).toBeGreaterThanOrEqual(0);
    expect(await worker('paddock_dead_letters', { queue: 'deliveries' })).toBe(0);
  });

  test('each process has its own secrets and those of no other', async () => {
    const run = await runFile();
    const kept = JSON.parse(await readFile(join(env['PADDOCK_DIR'] ?? '', 'servers.json'), 'utf8'));
    const own = (name: string): Promise<string> =>
      readFile(join(env['PADDOCK_DIR'] ?? '', `${name}.json`), 'utf8').then((json) => JSON.parse(json).key);
    /** The secret, and who has it. */
    const secrets: [string, string, ProcessName[]][] = [
      ['administrator of MySQL', kept.passwords.mysql, []],
      ['administrator of Redis', kept.passwords.redis, []],
      ...Object.entries<string>(kept.userPasswords.mysql).map(([user, password]): [string, string, ProcessName[]] => [
        `MySQL ${user}`,
        password,
        STARTED.filter((name) => name === user),
      ]),
      ...Object.entries<string>(kept.userPasswords.redis).map(([user, password]): [string, string, ProcessName[]] => [
        `Redis ${user}`,
        password,
        STARTED.filter((name) => name === user),
      ]),
      ['ADOPTION_KEY', await own('adoption-key'), ['controlPlane', 'worker']],
      ['ANALYTICS_TOKEN', await own('analytics-token'), ['controlPlane', 'analytics']],
      ['operator key of analytics', run.analyticsOperatorKey, []],
      ...Object.entries(CANARIES).map(([name, value]): [string, string, ProcessName[]] => [
        name,
        value,
        STARTED.filter((process) => mayHave(process, name)),
      ]),
    ];
    for (const [what, secret, holders] of secrets) {
      expect({ what, known: secret.length >= 12 }).toEqual({ what, known: true });
      const found: string[] = [];
      for (const [name, pid] of Object.entries(run.pids)) {
        const outputs = await Promise.all(
          ['environ', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'latin1')),
        );
        if (outputs.some((text) => text.includes(secret))) found.push(name);
      }
      expect({ what, found: found.sort() }).toEqual({ what, found: [...holders].sort() });
    }
  });

  test('what it keeps is closed to every other user of the machine', async () => {
    const folder = env['PADDOCK_DIR'] ?? '';
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const files = await readdir(folder, { withFileTypes: true });
    const open = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map(async ({ name }) => ({ name, mode: (await stat(join(folder, name))).mode & 0o077 })),
    );
    expect(open.filter(({ mode }) => mode !== 0)).toEqual([]);
  });

  test('numbers of analytics are for who has the key, which the screen shows', async () => {
    const { analytics, analyticsOperatorKey } = await runFile();
    expect(runner.output()).toContain(analyticsOperatorKey);
    expect((await fetch(`${analytics}/v1/usage`)).status).toBe(401);
    const body = JSON.stringify({ query: '{ explorations { key } }' });
    const open = await fetch(`${analytics}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await open.text()).toContain('UNAUTHENTICATED');
  });

  test('the operator command works with less than the administrator has', async () => {
    const { cli } = await runFile();
    expect(await paddock(['audit', 'verify'], { DATABASE_URL: cli.mysql })).toContain('the audit log is whole');
    expect(await paddock(['traffic', 'board'], { REDIS_URL: cli.redis })).toBeDefined();
  });

  test('a second one says that it runs already and changes nothing', async () => {
    const before = await runFile();
    const second = run('start', env);
    expect(await second.exitCode).toBe(0);
    expect(second.output()).toContain('runs already');
    expect(second.output()).toContain(before.edge);
    expect(await runFile()).toEqual(before);
  });

  test.each(['controlPlane', 'worker', 'edge', 'analytics', 'odds', 'mysql', 'redis'])(
    '%s is back after kill -9, at the same address',
    async (name) => {
      const before = await runFile();
      const page = await homepage();
      process.kill(before.pids[name] ?? 0, 'SIGKILL');
      const after = await until(
        async () => {
          const now = await runFile();
          return now.pids[name] !== undefined && now.pids[name] !== before.pids[name] && now;
        },
        { timeoutMs: 60_000, what: `a new ${name}` },
      );
      expect({ ...after, pids: {} }).toEqual({ ...before, pids: {} });
      await until(async () => (await homepage()) === page, { timeoutMs: 60_000, what: 'the same page' });
      await until(async () => (await fetch(`${after.controlPlane}/readyz`)).ok, {
        timeoutMs: 60_000,
        what: 'a ready control plane',
      });
    },
  );

  test('the logs of these outages have no stacks: the place in the code explains nothing about an outage', async () => {
    const withStack = (await warnings(env)).filter((line) => line.includes('"stack":'));
    expect(withStack).toEqual([]);
  });

  test('stops everything within ten seconds and keeps the data', async () => {
    const { pids, signIn } = await runFile();
    const asked = performance.now();
    expect(await runner.stop()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(Object.values(pids).filter(isAlive)).toEqual([]);
    await expect(runFile()).rejects.toThrow('ENOENT');

    // As an installation was kept before each process had a user of its own.
    const serversFile = join(env['PADDOCK_DIR'] ?? '', 'servers.json');
    const { userPasswords, ...kept } = JSON.parse(await readFile(serversFile, 'utf8'));
    await writeFile(serversFile, JSON.stringify(kept));
    await rm(join(env['PADDOCK_DIR'] ?? '', 'redis', 'users.acl'));

    runner = run('start', env);
    await until(runFile, { timeoutMs: 180_000, what: 'the second start' });
    expect((await runFile()).signIn).toEqual(signIn);
    expect(JSON.parse(await readFile(serversFile, 'utf8')).userPasswords.mysql).not.toEqual(userPasswords.mysql);
    expect(await homepage()).toContain('"slots":[{');
  });

  test('nothing that its processes did was refused to them, and none of them says that it may do too much', async () => {
    const redis = new Redis((await runFile()).redis);
    const refused = await redis.call('ACL', 'LOG').finally(() => redis.disconnect());
    expect(refused).toEqual([]);
    for (const name of STARTED) {
      const log = await readFile(join(env['PADDOCK_DIR'] ?? '', 'logs', `${name}.log`), 'utf8');
      expect(log.split('\n').filter((line) => /denied|NOPERM|may change tables/.test(line))).toEqual([]);
    }
  });

  test('killed itself, it leaves nothing running, and starts again', async () => {
    const { pids } = await runFile();
    await runner.kill9();
    await until(() => !Object.values(pids).some(isAlive), { timeoutMs: 60_000, what: 'the end of all processes' });
    runner = run('start', env);
    await until(async () => (await runFile()).pids['edge'] !== pids['edge'], {
      timeoutMs: 180_000,
      what: 'the start after the kill',
    });
    expect(await homepage()).toContain('"slots":[{');
  });

  test('npm run reset stops it and removes everything', async () => {
    const { pids } = await runFile();
    const reset = run('reset', env);
    expect(await reset.exitCode).toBe(0);
    expect(await runner.exitCode).toBe(0);
    expect(Object.values(pids).filter(isAlive)).toEqual([]);
    await expect(readFile(join(directory.path, 'local', 'servers.json'))).rejects.toThrow('ENOENT');
  });
});

/** Lines of the processes' logs at the level of a warning or above. */
async function warnings({ PADDOCK_DIR = '' }: NodeJS.ProcessEnv): Promise<string[]> {
  const found: string[] = [];
  for (const name of STARTED) {
    const log = await readFile(join(PADDOCK_DIR, 'logs', `${name}.log`), 'utf8');
    for (const line of log.split('\n'))
      if (/"level":"(?:warn|error|fatal)"|^[^{]/.test(line)) found.push(`${name}: ${line}`);
  }
  return found;
}

interface Runner {
  output(): string;
  readonly exitCode: Promise<number | null>;
  stop(): Promise<number | null>;
  kill9(): Promise<void>;
}

function run(script: 'start' | 'reset', env: NodeJS.ProcessEnv): Runner {
  const child: ChildProcess = spawn(process.execPath, [resolve(`scripts/${script}.mjs`)], { env });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += String(chunk)));
  child.stderr?.on('data', (chunk) => (output += String(chunk)));
  const exitCode = once(child, 'exit').then(([code]): number | null => code);
  return {
    output: () => output,
    exitCode,
    stop: () => {
      child.kill('SIGTERM');
      return exitCode;
    },
    kill9: async () => {
      child.kill('SIGKILL');
      await exitCode;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
