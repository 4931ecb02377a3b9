import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '@paddock/processes';
import { temporaryDirectory, until } from '@paddock/testing';

/** Two whole starts on two cores, beside other suites. */
const START_MS = 600_000;
const CASE_MS = 300_000;
/** The files that `npm start` needs; node_modules is a link. */
const SOURCES = [
  ...['apps', 'bench', 'libs', 'migrations', 'scripts'],
  ...['package.json', 'package-lock.json', '.swcrc', '.npmrc', 'nest-cli.json'],
];

interface Started {
  readonly child: ChildProcess;
  readonly dir: string;
  output(): string;
}

describe('two first starts at once, in one fresh copy of the project', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let copy: string;
  let both: Started[] = [];

  beforeAll(async () => {
    directory = await temporaryDirectory();
    copy = join(directory.path, 'project');
    for (const name of SOURCES) await cp(resolve(name), join(copy, name), { recursive: true });
    await symlink(resolve('node_modules'), join(copy, 'node_modules'));
    // The same ports are wanted by both, and nothing is compiled yet.
    const PORT_BASE = String(await freePort());
    both = ['one', 'two'].map((name) => start(copy, { PADDOCK_DIR: join(directory.path, name), PORT_BASE }));
    await until(() => Promise.all(both.map(runFile)), { timeoutMs: START_MS - 10_000, what: 'both starts' }).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${both.map((one) => one.output()).join('\n---\n')}`);
      },
    );
  }, START_MS);
  afterAll(async () => {
    for (const { child } of both) {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    }
    await directory.remove();
  }, CASE_MS);

  test('both serve the sample site, at addresses of their own', async () => {
    const runs = await Promise.all(both.map(runFile));
    for (const { edge } of runs) {
      const response = await fetch(`${edge}/v1/production/sites/acme-uk/layouts/home`);
      expect(await response.text()).toContain('"slots":[{');
    }
    const addresses = runs.flatMap((run) => [
      run.controlPlane,
      run.edge,
      run.analytics,
      run.odds,
      run.mysql,
      run.redis,
    ]);
    const ports = addresses.map((address) => new URL(address).port);
    expect(new Set(ports).size).toBe(ports.length);
  });

  test('they compiled once: one of them waited for the other', () => {
    const compiled = both.filter((one) => /compiling: \d/.test(one.output()));
    expect(compiled).toHaveLength(1);
  });

  test('each MariaDB keeps its temporary tables in a folder of its own', async () => {
    const folders = await Promise.all(
      both.map(async (one) => {
        const { pids } = await runFile(one);
        const command = (await readFile(`/proc/${pids['mysql']}/cmdline`, 'utf8')).split('\0');
        return command.find((argument) => argument.startsWith('--tmpdir='));
      }),
    );
    expect(folders).toEqual(both.map(({ dir }) => `--tmpdir=${join(dir, 'mysql', 'tmp')}`));
  });

  test('the build leaves no process behind', async () => {
    for (const one of both) {
      const { pids } = await runFile(one);
      const children = (await processes()).filter(({ parent }) => parent === one.child.pid);
      const known = Object.values(pids);
      expect(children.filter(({ pid }) => !known.includes(pid))).toEqual([]);
      // Proves that children are seen at all.
      expect(children.map(({ pid }) => pid).sort()).toEqual([...known].sort());
    }
  });

  test('a start shows its steps with numbers and an estimate, in few lines', () => {
    for (const one of both) {
      const lines = one.output().split('\n');
      const numbered = lines.filter((line) => /^ {2}\[\d\/\d\] .*: \d+\.\d s$/.test(line));
      expect(lines.some((line) => /^ {2}\d steps, /.test(line))).toBe(true);
      expect(numbered.length).toBeGreaterThanOrEqual(5);
      expect(lines.length).toBeLessThan(80);
    }
  });

  test('the entry points refuse a Node that is too old in one sentence', async () => {
    const run = promisify(execFile);
    const old = await oldNode();
    for (const entry of [
      'control-plane/src/main',
      'control-plane/src/worker',
      'edge/src/main',
      'odds/src/main',
      'analytics/src/main',
      'cli/src/main',
    ]) {
      const file = join(copy, 'dist', 'apps', `${entry}.js`);
      const refused = await run(old.command, [...old.args, file]).then(
        () => undefined,
        (error: { code: number; stderr: string }) => error,
      );
      expect(refused?.code).toBe(1);
      expect(refused?.stderr.trim().split('\n')).toEqual([
        `Paddock needs Node 24 or newer and was started with ${old.version}: run the same command with the one that "npm ci" installs here: ${join(copy, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')}, or install Node 24 from https://nodejs.org.`,
      ]);
    }
  });
});

interface RunFile {
  controlPlane: string;
  edge: string;
  analytics: string;
  odds: string;
  mysql: string;
  redis: string;
  pids: Record<string, number>;
}

const runFile = async ({ dir }: Started): Promise<RunFile> => JSON.parse(await readFile(join(dir, 'run.json'), 'utf8'));

function start(project: string, env: NodeJS.ProcessEnv & { PADDOCK_DIR: string }): Started {
  const child = spawn(process.execPath, [join(project, 'scripts', 'start.mjs')], {
    cwd: project,
    env: { PATH: process.env['PATH'], ...env },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  return { child, dir: env.PADDOCK_DIR, output: () => output };
}

/** Every process of this machine with its parent, from /proc. */
async function processes(): Promise<{ pid: number; parent: number; name: string }[]> {
  const found = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const [, name = '', , parent = ''] = /^\d+ \((.*)\) (\S) (\d+)/s.exec(stat) ?? [];
    if (parent !== '') found.push({ pid: Number(entry), parent: Number(parent), name });
  }
  return found;
}

/**
 * A Node that is older than what the product runs on: the machine's own, where it has one. Elsewhere this Node says that
 * it is one, before the entry point is loaded.
 */
async function oldNode(): Promise<{ command: string; args: string[]; version: string }> {
  const folders = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  for (const folder of folders) {
    const command = join(folder, 'node');
    const version = await promisify(execFile)(command, ['--version']).then(
      ({ stdout }) => stdout.trim(),
      () => '',
    );
    if (/^v(?:1\d|2[0-3])\./.test(version)) return { command, args: [], version };
  }
  const version = 'v20.20.2';
  const pretend = `Object.defineProperty(process, 'version', { value: ${JSON.stringify(version)} });`;
  return {
    command: process.execPath,
    args: ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`],
    version,
  };
}
