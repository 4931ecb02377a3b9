import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, OwnedProcess } from '@paddock/processes';
import { temporaryDirectory, until } from '@paddock/testing';
import { Supervisor } from './supervisor.mjs';

const LIVENESS = { everyMs: 50, timeoutMs: 200, hungAfterMs: 1_000 };
/** Answers how often it was asked for `/healthz`. */
const SERVER =
  "let probes = 0; require('node:http').createServer(({ url }, response) => response.end(String(url === '/healthz' ? (probes += 1) : probes))).listen(Number(process.env.PORT), '127.0.0.1')";

/** A process with an address, as the apps are. */
class Served extends OwnedProcess {
  constructor(
    readonly url: string,
    port: number,
    log: string,
  ) {
    super({
      name: 'served',
      command: process.execPath,
      args: ['-e', SERVER],
      env: { PORT: String(port) },
      log,
      ready: async () => (await fetch(url)).ok,
    });
  }
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let served: Served;
let supervisor: Supervisor;
beforeEach(async () => {
  directory = await temporaryDirectory();
  const port = await freePort();
  served = new Served(`http://127.0.0.1:${port}`, port, join(directory.path, 'served.log'));
  supervisor = new Supervisor(() => Promise.resolve(), LIVENESS);
  await served.start();
});
afterEach(async () => {
  supervisor.rest();
  await served.kill9();
  await directory.remove();
});

const probes = async (): Promise<number> => Number(await (await fetch(served.url)).text());

test('a process that is stopped by SIGSTOP is killed and started again', async () => {
  supervisor.watch(served);
  const { pid } = served;
  await until(async () => (await probes()) > 1, { what: 'its first answers, from which on it counts' });
  served.pause();
  await until(() => served.pid !== undefined && served.pid !== pid, { timeoutMs: 15_000, what: 'another process' });
  await until(async () => (await fetch(served.url)).ok, { what: 'its answer' });
});

test('a process that stands still for a moment is left alone', async () => {
  supervisor.watch(served);
  const { pid } = served;
  await until(async () => (await probes()) > 1, { what: 'its first answers' });
  served.pause();
  await delay(LIVENESS.hungAfterMs / 2);
  served.resume();
  const before = await probes();
  await until(async () => (await probes()) > before + 2 * (LIVENESS.hungAfterMs / LIVENESS.everyMs), {
    timeoutMs: 30_000,
    what: 'probes for longer than a hung process gets',
  });
  expect(served.pid).toBe(pid);
});

test('a process that is replaced is followed by another one, again and again', async () => {
  supervisor.watch(served);
  for (let times = 0; times < 3; times += 1) {
    const { pid } = served;
    await supervisor.replace(served, 5_000);
    await until(() => served.pid !== undefined && served.pid !== pid, { what: 'another process' });
    await until(async () => (await fetch(served.url)).ok, { what: 'its answer' });
  }
});

test('a process that is debugged may stand still for as long as it likes', async () => {
  supervisor.watch(Object.assign(served, { inspected: true }));
  const { pid } = served;
  await until(async () => (await fetch(served.url)).ok, { what: 'its first answer' });
  served.pause();
  await delay(2 * LIVENESS.hungAfterMs);
  expect(served.pid).toBe(pid);
});
