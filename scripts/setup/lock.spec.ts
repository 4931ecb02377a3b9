import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '@paddock/testing';
import { takeLock, holderOf } from './lock.mjs';
import { end, identify, isRunning } from './process-identity.mjs';

describe('the lock of a running installation', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let lockFile: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    lockFile = join(directory.path, 'lock');
  });
  afterEach(() => directory.remove());

  test('is taken once, and again after it was given back', async () => {
    const release = await takeLock(lockFile);
    expect(release).toBeDefined();
    expect((await holderOf(lockFile))?.pid).toBe(process.pid);
    expect(await takeLock(lockFile)).toBeUndefined();
    await release?.();
    expect(await holderOf(lockFile)).toBeUndefined();
    expect(await takeLock(lockFile)).toBeDefined();
  });

  test('of a holder that was killed counts as none', async () => {
    const holder = spawn('sleep', ['60']);
    await once(holder, 'spawn');
    await writeFile(lockFile, JSON.stringify(identify(holder.pid ?? 0)));
    expect(await takeLock(lockFile)).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await takeLock(lockFile)).toBeDefined();
  });

  test('of a process id that has passed on to a stranger counts as none', async () => {
    await writeFile(lockFile, JSON.stringify({ pid: process.pid, startedAt: 'another boot/1' }));
    expect(await takeLock(lockFile)).toBeDefined();
  });

  test.each(['', '{"pid":', '{}'])('with the content %j counts as none', async (content) => {
    await writeFile(lockFile, content);
    expect(await takeLock(lockFile)).toBeDefined();
    expect(JSON.parse(await readFile(lockFile, 'utf8'))).toEqual(identify(process.pid));
  });
});

describe('a process identity', () => {
  test('belongs to one run of one process', async () => {
    expect(identify(process.pid)).toEqual(identify(process.pid));
    const sleeper = spawn('sleep', ['60']);
    await once(sleeper, 'spawn');
    const identity = identify(sleeper.pid ?? 0);
    if (!identity) throw new Error('sleep does not run');
    expect(isRunning(identity)).toBe(true);
    await end(identity, 5_000);
    expect(isRunning(identity)).toBe(false);
    expect(identify(identity.pid)).toBeUndefined();
  });

  test('who ignores SIGTERM is killed', async () => {
    const stubborn = spawn(process.execPath, [
      '-e',
      "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)",
    ]);
    await once(stubborn.stdout, 'data');
    const identity = identify(stubborn.pid ?? 0);
    if (!identity) throw new Error('node does not run');
    await end(identity, 200);
    expect(isRunning(identity)).toBe(false);
  });
});
