import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '#processes';
import { temporaryDirectory, until } from '#testing';

interface RunFile {
  controlPlane: string;
  edge: string;
  analytics: string;
  odds: string;
  operations: Record<string, string>;
  mysql: string;
  redis: string;
  signIn: { email: string; password: string };
  pids: Record<string, number>;
}

describe('npm start', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let env: NodeJS.ProcessEnv;
  let runner: Runner;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    env = { PATH: process.env['PATH'], PADDOCK_DIR: join(directory.path, 'local'), PORT_BASE: String(await freePort()) };
    runner = run('start', env);
    await until(runFile, { timeoutMs: 180_000, what: 'the first start' });
  });
  afterAll(async () => {
    await runner.stop();
    await directory.remove();
  });

  const runFile = async (): Promise<RunFile> => JSON.parse(await readFile(join(directory.path, 'local', 'run.json'), 'utf8'));
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

  test('counts the sample events with the sample metrics, and says that both are applied', async () => {
    const { analytics, controlPlane } = await runFile();
    const usage = async (): Promise<{ event: string; producer: string }[]> => {
      const { usage: counted }: { usage: { event: string; producer: string }[] } = JSON.parse(await (await fetch(`${analytics}/v1/usage`)).text());
      return counted;
    };
    await until(async () => (await usage()).some(({ event, producer }) => event === 'page_view' && producer === 'sample'), { timeoutMs: 60_000, what: 'sample events' });
    const query = `query { metricSeries(input: { metric: "page-views", from: "${new Date(Date.now() - 3_600_000).toISOString()}", to: "${new Date(Date.now() + 60_000).toISOString()}", grain: HOUR }) { __typename ... on MetricSeries { series { points { value } } } } }`;
    await until(
      async () => {
        const response = await fetch(`${analytics}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
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
      return Number(/^odds_updates_total\{.*type="market".*\} (\d+)/m.exec(text)?.[1] ?? 0);
    };
    const first = await until(async () => (await updates()) || undefined, { timeoutMs: 60_000, what: 'a first price' });
    await until(async () => (await updates()) > first, { timeoutMs: 60_000, what: 'another price' });
    const response = await fetch(`${odds}/readyz`);
    const { checks } = (await response.json()) as { checks: { feeds: { running: string[] }; config: { seq: number } } };
    expect(checks).toMatchObject({ feeds: { running: ['sim'] }, config: { environment: 'production', seq: 1 } });
  });

  test('a second one says that it runs already and changes nothing', async () => {
    const before = await runFile();
    const second = run('start', env);
    expect(await second.exitCode).toBe(0);
    expect(second.output()).toContain('runs already');
    expect(second.output()).toContain(before.edge);
    expect(await runFile()).toEqual(before);
  });

  test.each(['controlPlane', 'worker', 'edge', 'analytics', 'odds', 'mysql', 'redis'])('%s is back after kill -9, at the same address', async (name) => {
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
    await until(async () => (await fetch(`${after.controlPlane}/readyz`)).ok, { timeoutMs: 60_000, what: 'a ready control plane' });
  });

  test('stops everything within ten seconds and keeps the data', async () => {
    const { pids, signIn } = await runFile();
    const asked = performance.now();
    expect(await runner.stop()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(Object.values(pids).filter(isAlive)).toEqual([]);
    await expect(runFile()).rejects.toThrow('ENOENT');

    runner = run('start', env);
    await until(runFile, { timeoutMs: 180_000, what: 'the second start' });
    expect((await runFile()).signIn).toEqual(signIn);
  });

  test('killed itself, it leaves nothing running, and starts again', async () => {
    const { pids } = await runFile();
    await runner.kill9();
    await until(() => !Object.values(pids).some(isAlive), { timeoutMs: 60_000, what: 'the end of all processes' });
    runner = run('start', env);
    await until(async () => (await runFile()).pids['edge'] !== pids['edge'], { timeoutMs: 180_000, what: 'the start after the kill' });
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
