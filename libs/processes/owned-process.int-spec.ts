import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryDirectory, until } from '@paddock/testing';
import { OwnedProcess, type ProcessSpec } from './owned-process.js';
import { choosePort, freePort } from './ports.js';

const IGNORES_SIGTERM = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1_000);";

describe('an owned process', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory.remove());

  const running = (script: string, more: Partial<ProcessSpec> = {}): OwnedProcess =>
    new OwnedProcess({
      name: 'sample',
      command: process.execPath,
      args: ['-e', script],
      log: join(directory.path, 'sample.log'),
      ready: () => Promise.resolve(true),
      ...more,
    });

  test('that ends while it starts says what it wrote last', async () => {
    const sample = running("console.error('no such table: promos'); process.exit(3)", {
      ready: () => Promise.resolve(false),
    });
    await expect(sample.start()).rejects.toThrow('no such table: promos');
    expect(await sample.exit).toEqual({ code: 3, signal: null });
  });

  test('whose command does not exist fails instead of hanging', async () => {
    await expect(
      running('', { command: '/nowhere/at-all', ready: () => Promise.resolve(false) }).start(),
    ).rejects.toThrow('ended');
  });

  test('that never becomes ready is killed', async () => {
    const sample = running(IGNORES_SIGTERM, { ready: () => Promise.resolve(false), readyTimeoutMs: 200 });
    await expect(sample.start()).rejects.toThrow('did not become ready');
    expect(sample.running).toBe(false);
  });

  test('that ignores SIGTERM is killed when its time is over', async () => {
    const sample = running(`${IGNORES_SIGTERM} console.log('up')`, {
      ready: async () => (await readFile(join(directory.path, 'sample.log'), 'utf8')).includes('up'),
    });
    await sample.start();
    expect(await sample.stop(300)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('starts again after a kill', async () => {
    const sample = running(IGNORES_SIGTERM);
    await sample.start();
    const first = sample.pid;
    await sample.kill9();
    expect(sample.pid).toBeUndefined();
    await sample.start();
    expect(sample.pid).not.toBe(first);
    await sample.kill9();
  });

  test('reports to its observers what happens to it', async () => {
    const sample = running('setInterval(() => undefined, 1_000)');
    const seen: [string, number | undefined, unknown][] = [];
    const end = sample.observe(({ what, pid, signal }) => seen.push([what, pid, signal]));
    await sample.start();
    const { pid } = sample;
    sample.pause();
    sample.resume();
    await sample.stop();
    end();
    await sample.start();
    await sample.kill9();
    expect(seen).toEqual([
      ['started', pid, undefined],
      ['ready', pid, undefined],
      ['paused', pid, undefined],
      ['resumed', pid, undefined],
      ['asked to end', pid, undefined],
      ['ended', pid, 'SIGTERM'],
    ]);
  });

  test('ends when its parent is killed', async () => {
    const owner = spawn(process.execPath, ['--input-type=module', '-e', ownerScript(directory.path)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [chunk] = await once(owner.stdout, 'data');
    const child = Number(String(chunk));
    expect(isAlive(child)).toBe(true);
    owner.kill('SIGKILL');
    await until(() => !isAlive(child), { what: 'the end of the child' });
  });
});

test('a taken port is answered with a free one, a free port with itself', async () => {
  const holder = createServer();
  const port = await freePort();
  expect(await choosePort(port)).toBe(port);
  holder.listen(port, '127.0.0.1');
  await once(holder, 'listening');
  const other = await choosePort(port);
  holder.close();
  expect(other).not.toBe(port);
});

test.each([6_000, 10_080])('port %d, which no fetch asks, counts as taken', async (port) => {
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ cause: { message: 'bad port' } });
  expect(await choosePort(port)).not.toBe(port);
});

/** Its child counts as ready at its first output: a process that has only just started has not set its parent-death signal yet. */
const ownerScript = (dir: string): string => `
  import { readFile } from 'node:fs/promises';
  import { OwnedProcess } from '#built/processes';
  const log = ${JSON.stringify(join(dir, 'child.log'))};
  const child = new OwnedProcess({
    name: 'child', command: process.execPath, args: ['-e', "console.log('up'); setInterval(() => undefined, 1000)"],
    log, ready: async () => (await readFile(log, 'utf8')).includes('up'),
  });
  await child.start();
  console.log(child.pid);
  setInterval(() => undefined, 1000);
`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
