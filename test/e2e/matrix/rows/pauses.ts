import { setTimeout as delay } from 'node:timers/promises';
import type { OwnedProcess } from '@paddock/processes';
import type { Installation } from '../../installation.js';
import { ALL_PLANES, type FaultRow } from '../hazard-row.js';

const LASTS_MS = 60_000;
const BOUND_MS = 30_000;

const VICTIMS: Readonly<Record<string, (installation: Installation) => OwnedProcess | undefined>> = {
  'control-plane': ({ parts }) => parts.controlPlane,
  worker: ({ parts }) => parts.worker,
  edge: (installation) => installation.edge(),
  analytics: ({ parts }) => parts.analytics,
  odds: ({ parts }) => parts.odds,
  redis: ({ parts }) => parts.redis,
  mysql: (installation) => installation.mariaDb,
};

/** Every process and server stands still for a minute, or is down for a minute. */
export const PAUSES: readonly FaultRow[] = Object.entries(VICTIMS).flatMap(([victim, processOf]): FaultRow[] => {
  const find = (installation: Installation): OwnedProcess => {
    const process = processOf(installation);
    if (!process) throw new Error(`the installation runs no ${victim}`);
    return process;
  };
  const about = { boundMs: BOUND_MS, needs: ALL_PLANES };
  return [
    {
      ...about,
      name: `${victim}-paused`,
      fault: `SIGSTOP of ${victim} for 60 s`,
      expected: 'what it held meanwhile overwrites nothing newer',
      async inject({ installation }) {
        find(installation).pause();
        await delay(LASTS_MS);
        find(installation).resume();
      },
    },
    {
      ...about,
      name: `${victim}-down`,
      fault: `kill -9 of ${victim}, started again 60 s later`,
      expected: 'the others go on; it takes up what it missed',
      async inject({ installation }) {
        await find(installation).kill9();
        await delay(LASTS_MS);
      },
    },
  ];
});
