import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '@paddock/processes';
import { temporaryDirectory, until } from '@paddock/testing';
import { copyRepository } from './copy-repository.js';

const PAGE = 'apps/control-plane/src/control-plane.api.ts';
const SENTENCE = 'Whether this instance can work.';

interface RunFile {
  controlPlane: string;
  pids: Record<string, number>;
}

describe('npm run dev', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let project: string;
  let child: ChildProcess;
  let output = '';
  let original: string;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    project = join(directory.path, 'project');
    await copyRepository(project);
    original = await readFile(join(project, PAGE), 'utf8');
    child = spawn(process.execPath, [join(project, 'scripts/dev.mjs'), 'control-plane'], {
      env: {
        PATH: process.env['PATH'],
        PADDOCK_DIR: join(directory.path, 'local'),
        PORT_BASE: String(await freePort()),
      },
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
    await until(() => ended() || output.includes('watching apps'), { timeoutMs: 240_000, what: 'the start' });
    expect(output).toContain('watching apps, libs, migrations for control-plane');
  });
  afterAll(async () => {
    if (!ended()) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await directory.remove();
  });

  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const runFile = async (): Promise<RunFile> =>
    JSON.parse(await readFile(join(directory.path, 'local', 'run.json'), 'utf8'));
  const page = async (): Promise<string> =>
    (await fetch((await runFile()).controlPlane, { headers: { accept: 'text/html' } })).text();
  const save = (sentence: string): Promise<void> =>
    writeFile(join(project, PAGE), original.replace(SENTENCE, sentence));
  const restarts = (): number => output.split('control-plane: live').length - 1;

  test('an edit is served by another process of that app; every other process stays', async () => {
    expect(await page()).toContain(SENTENCE);
    const { pids: before } = await runFile();
    await save('Seen after the edit.');
    await until(async () => (await page()).includes('Seen after the edit.'), { timeoutMs: 60_000, what: 'the edit' });
    await until(() => restarts() === 1, { what: 'the line that says so' });
    const { pids } = await until(
      async () => {
        const run = await runFile();
        return run.pids['controlPlane'] === before['controlPlane'] ? undefined : run;
      },
      { what: 'the new process in run.json' },
    );
    expect({ ...pids, controlPlane: 0 }).toEqual({ ...before, controlPlane: 0 });
  });

  test('a syntax error is printed with file and line, and the previous process keeps running', async () => {
    const { pids: before } = await runFile();
    await writeFile(join(project, PAGE), `${original}\nconst broken = ;\n`);
    await until(() => output.includes(`${PAGE}:${original.split('\n').length + 1}\n`), {
      what: 'the place of the error',
    });
    expect(await page()).toContain('Seen after the edit.');
    expect((await runFile()).pids).toEqual(before);
  });

  test('a burst of edits restarts at most once more than the first of them', async () => {
    const before = restarts();
    for (let edit = 1; edit <= 10; edit += 1) await save(`Edit ${edit}.`);
    await until(async () => (await page()).includes('Edit 10.'), { timeoutMs: 60_000, what: 'the last edit' });
    await until(() => restarts() > before, { what: 'the line that says so' });
    expect(restarts()).toBeLessThanOrEqual(before + 2);
  });

  test('an edit of types alone restarts nothing', async () => {
    const { pids: before } = await runFile();
    await writeFile(join(project, PAGE), `${original.replace(SENTENCE, 'Edit 10.')}\ntype OfNoProcess = string;\n`);
    await until(() => output.includes('no watched process runs other code than before'), { what: 'that it was seen' });
    expect((await runFile()).pids).toEqual(before);
  });
});
