import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { findBinary } from '@paddock/processes';

const run = promisify(execFile);

/** Servers on one core of the machine, everything else on the others: what a server delivers is then what a core delivers. */
export interface Cores {
  /** The description shown beside the figures. */
  readonly description: string;
  /** Moves a process with all its threads to the servers' core. */
  pin(pid: number): Promise<void>;
  /** Puts those that were moved aside back to where they might run before. */
  release(): Promise<void>;
}

const NOWHERE: Omit<Cores, 'description'> = { pin: () => Promise.resolve(), release: () => Promise.resolve() };

/**
 * Reserves a core for servers and moves this process and `aside` to the other cores; child processes inherit that.
 * Where that is not possible nothing is moved, and the description says why.
 */
export async function splitCores(aside: readonly (number | undefined)[]): Promise<Cores> {
  if (!findBinary(['taskset']))
    return { ...NOWHERE, description: 'not pinned: taskset is missing (sudo apt-get install util-linux)' };
  const before = await allowedCores();
  const [server, ...rest] = before;
  if (server === undefined || rest.length === 0)
    return { ...NOWHERE, description: 'not pinned: there is one core only' };
  const moved = [process.pid, ...aside.flatMap((pid) => pid ?? [])];
  const move = async (pid: number, cores: readonly number[]): Promise<void> => {
    await run('taskset', ['-a', '-c', '-p', cores.join(','), String(pid)]);
  };
  for (const pid of moved) await move(pid, rest);
  return {
    description: `server on core ${server}, clients, writer and Redis on ${rest.join(', ')}`,
    pin: (pid) => move(pid, [server]),
    async release() {
      for (const pid of moved) await move(pid, before);
    },
  };
}

/** The cores that this process may run on: `0-1,4` in the kernel's words. */
async function allowedCores(): Promise<number[]> {
  const [, list = ''] = /^Cpus_allowed_list:\s+(\S+)/m.exec(await readFile('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
