import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A process id alone may have passed on to a stranger; together with when the process started it has not.
 * @typedef {{ pid: number, startedAt: string }} ProcessIdentity
 */

/** @returns {ProcessIdentity | undefined} undefined when no such process runs */
export function identify(/** @type {number} */ pid) {
  const startedAt = startOf(pid);
  return startedAt ? { pid, startedAt } : undefined;
}

export function isRunning(/** @type {ProcessIdentity} */ { pid, startedAt }) {
  return startedAt !== undefined && startOf(pid) === startedAt;
}

/** Asks a process to end, waits, and kills it when it does not; returns when it is gone. */
export async function end(/** @type {ProcessIdentity} */ identity, /** @type {number} */ timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  for (
    let signal = /** @type {NodeJS.Signals | 0} */ ('SIGTERM');
    isRunning(identity);
    signal = Date.now() < deadline ? 0 : 'SIGKILL'
  ) {
    try {
      process.kill(identity.pid, signal);
    } catch (error) {
      // It may end between the look and the signal.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
    await delay(50);
  }
}

function startOf(/** @type {number} */ pid) {
  try {
    return process.platform === 'linux'
      ? startOnLinux(pid)
      : execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Ticks since boot, the 22nd field of /proc/pid/stat, with the boot that they count from. The name in field 2 may
 * contain any character.
 */
function startOnLinux(/** @type {number} */ pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  // A zombie has ended; only its parent has not looked yet.
  if (state === 'Z' || state === 'X') return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
}
