import { setTimeout as delay } from 'node:timers/promises';
import { ALL_PLANES, type FaultRow } from '../hazard-row.js';
import { PREVIOUS_COMMIT } from '../../previous-build.js';

const BOUND_MS = 30_000;
const DRAIN_MS = 10_000;

export const DEPLOYS: readonly FaultRow[] = [
  {
    name: 'sigterm-loop',
    fault: 'every app is asked to end (SIGTERM) and started again, one after another, twice',
    expected: 'each leaves with 0 within 10 s; no request that had begun fails',
    boundMs: BOUND_MS,
    needs: ALL_PLANES,
    async inject({ installation }, random) {
      for (const app of [...installation.apps, ...installation.apps]) {
        await delay(random.integer(0, 1_000));
        const asked = performance.now();
        const { code, signal } = await app.stop(DRAIN_MS);
        if (code !== 0)
          throw new Error(
            `the ${app.name} left with ${code ?? signal} after ${Math.round(performance.now() - asked)} ms`,
          );
        await app.start();
      }
    },
  },
  {
    name: 'upgrade',
    fault: `an installation of commit ${PREVIOUS_COMMIT.slice(0, 7)} with its data is migrated and restarted, app by app in any order, with the code of today`,
    expected: 'old and new serve side by side; what was published reads the same, and can be rolled back',
    boundMs: 60_000,
    needs: { ...ALL_PLANES, from: PREVIOUS_COMMIT },
    usedUp: true,
    async inject({ installation, other }, random) {
      const first = await other.publish('published before the upgrade');
      await other.publish('overwritten before the upgrade');
      await installation.upgrade();
      const waiting = [...installation.apps];
      while (waiting.length > 0) {
        const [app] = waiting.splice(random.integer(0, waiting.length - 1), 1);
        await app?.stop(DRAIN_MS);
        await app?.start();
      }
      if (!first.settled || !('seq' in first.settled)) throw new Error('nothing was published before the upgrade');
      const { data } = await installation.editor.rollback(first.settled.releaseId, { keep: [] });
      const rollback = data?.rollbackRelease as { type?: string } | undefined;
      if (rollback?.type !== 'ROLLBACK')
        throw new Error(`the rollback of a release of before was answered ${JSON.stringify(data)}`);
    },
  },
];
