import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppProcess, Environment } from '@paddock/processes';
import { type Random, temporaryDirectory, until } from '@paddock/testing';
import { expectOk } from '../../../../apps/control-plane/src/testing/expect-result.js';
import type { FaultRow, Site } from '../hazard-row.js';

const OFF_S = 600;
const BOUND_MS = 30_000;
/** A scheduled release is a few seconds away, and may be so late on a busy machine. */
const AHEAD_MS = 4_000;
const LATE_MS = 10_000;

export const CLOCKS: readonly FaultRow[] = [
  ...(
    [
      ['ahead', OFF_S],
      ['behind', -OFF_S],
    ] as const
  ).map(([direction, seconds]): FaultRow => ({
    name: `clock-${direction}`,
    fault: `the clock of the control plane, the worker or an edge is 10 minutes ${direction}`,
    expected:
      'seqs decide, not clocks; a scheduled release lands once, by the clock of the database, neither early nor late',
    boundMs: BOUND_MS,
    async inject(site, random) {
      const victim = victimOf(site, random);
      await restart(victim, { ...fakeTime(), FAKETIME: `${seconds > 0 ? '+' : ''}${seconds}` });
      await expectSkew(victim, seconds);
      await expectPunctualRelease(site);
    },
    heal: (site) => restoreClocks(site),
  })),
  {
    name: 'clock-steps',
    fault: 'the clock of the control plane, the worker or an edge steps 10 minutes back or forth while it runs',
    expected: 'the same',
    boundMs: BOUND_MS,
    async inject(site, random) {
      const victim = victimOf(site, random);
      const step = random.pick([OFF_S, -OFF_S]);
      const { path, remove } = await temporaryDirectory();
      site.installation.endWith(remove);
      const file = join(path, 'clock');
      await writeFile(file, '+0');
      await restart(victim, { ...fakeTime(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '1' });
      await expectSkew(victim, 0);
      await writeFile(file, `${step > 0 ? '+' : ''}${step}`);
      await until(() => expectSkew(victim, step).then(() => true), {
        timeoutMs: 10_000,
        what: 'a clock that has stepped',
      });
      await expectPunctualRelease(site);
    },
    heal: (site) => restoreClocks(site),
  },
];

/** Apps that were started with another clock, until they have their own again. */
const skewed = new Set<AppProcess>();

function victimOf({ installation: { parts } }: Site, random: Random): AppProcess {
  return random.pick([parts.controlPlane, parts.worker, ...parts.edges]);
}

async function restart(app: AppProcess, env: Environment): Promise<void> {
  await app.stop();
  await app.start({ env });
  skewed.add(app);
}

async function restoreClocks({ installation }: Site): Promise<void> {
  for (const app of installation.apps.filter((one) => skewed.delete(one))) {
    await app.stop();
    await app.start();
  }
}

/**
 * Settings with which libfaketime (Debian's package faketime) changes a process's clock, but not its monotonic clock.
 */
function fakeTime(): Environment {
  const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
  if (!library)
    throw new Error('a clock of its own for one process needs the Debian package faketime: apt-get install faketime');
  return { LD_PRELOAD: library, FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' };
}

/** Proves that the clock of a process is off, by the date in its answers. */
async function expectSkew(app: AppProcess, seconds: number): Promise<void> {
  const { headers, body } = await fetch(`${app.url}/healthz`);
  await body?.cancel();
  const off = (Date.parse(headers.get('date') ?? '') - Date.now()) / 1_000;
  if (Math.abs(off - seconds) > 5)
    throw new Error(`the clock of the ${app.name} is ${Math.round(off)} s off instead of ${seconds} s`);
}

/** Schedules a release by the clock of the database, and waits for it to land: once, not before its time, not long after. */
async function expectPunctualRelease({ installation, other }: Site): Promise<void> {
  const { release } = await other.prepare('scheduled');
  const [now] = await installation.sql<{ at: Date }>('SELECT UTC_TIMESTAMP(3) AS at');
  const at = new Date((now?.at.getTime() ?? 0) + AHEAD_MS);
  expectOk(await installation.editor.schedule(release.id, at), 'Release');
  const landed = await until(
    async () => {
      const [row] = await installation.sql<{ state: string; late: number | null }>(
        'SELECT state, TIMESTAMPDIFF(MICROSECOND, scheduled_at, landed_at) / 1000 AS late FROM `release` WHERE id = ?',
        [release.id],
      );
      return row?.state === 'LANDED' && row;
    },
    { timeoutMs: AHEAD_MS + 60_000, what: 'the landing of a scheduled release' },
  );
  const late = Number(landed.late);
  if (late < 0 || late > LATE_MS) throw new Error(`a scheduled release landed ${late} ms after its time`);
}
