import { setTimeout as delay } from 'node:timers/promises';
import type { OwnedProcess } from '@paddock/processes';
import { arm, someoneDies } from '../../arm.js';
import { ALL_PLANES, type FaultRow } from '../hazard-row.js';

/** A worker or control plane that starts again takes up what was left within this time. */
const TAKEN_UP_MS = 15_000;

/** Kills at a named step of the way of a change, and kills at any moment. */
export const KILLS: readonly FaultRow[] = [
  {
    name: 'api-killed-before-commit',
    fault: 'the control plane dies within the landing transaction',
    expected: 'nothing changed; the same key lands it once',
    boundMs: TAKEN_UP_MS,
    async inject({ installation: { parts } }) {
      await arm(parts.controlPlane, 'land:before-commit');
      await someoneDies([parts.controlPlane], 'land:before-commit');
    },
  },
  {
    name: 'api-killed-after-commit',
    fault: 'the control plane dies between commit and answer',
    expected: 'landed once; the same key is answered with it',
    boundMs: TAKEN_UP_MS,
    async inject({ installation: { parts } }) {
      await arm(parts.controlPlane, 'land:after-commit');
      await someoneDies([parts.controlPlane], 'land:after-commit');
    },
  },
  {
    name: 'relay-killed',
    fault: 'the relaying process dies before or after it enqueues',
    expected: 'the job appears; a repeated one moves nothing',
    boundMs: TAKEN_UP_MS,
    async inject({ installation: { parts } }, random) {
      const step = random.pick(['relay:before-enqueue', 'relay:after-enqueue']);
      const relays = [parts.controlPlane, parts.worker];
      for (const relay of relays) await arm(relay, step);
      await someoneDies(relays, step);
    },
  },
  {
    name: 'worker-killed',
    fault: 'the worker dies at a step of a delivery',
    expected: 'another run delivers it within 10 s of the start',
    boundMs: TAKEN_UP_MS,
    async inject({ installation: { parts } }, random) {
      const step = random.pick([
        'deliver:before-blobs',
        'deliver:after-blobs',
        'deliver:after-head',
        'deliver:after-notice',
      ]);
      await arm(parts.worker, step);
      await someoneDies([parts.worker], step);
    },
  },
  {
    name: 'edge-killed-while-writing',
    fault: 'an edge dies at a step of applying a change to memory and disk',
    expected: 'starts from its last good file, never further back, and converges',
    boundMs: TAKEN_UP_MS,
    async inject({ installation }, random) {
      const steps = [
        'edge:before-apply',
        'edge:after-apply',
        'edge:mid-journal-write',
        'edge:before-fsync',
        'edge:after-persist',
        'edge:before-receipt',
      ] as const;
      const step = random.pick(steps);
      await arm(installation.edge(), step);
      await someoneDies([installation.edge()], step);
    },
  },
  {
    name: 'any-process-killed',
    fault: 'kill -9 of five processes, one after another: any app, Redis, MariaDB',
    expected: 'the judge alone',
    boundMs: 30_000,
    needs: ALL_PLANES,
    async inject({ installation }, random) {
      for (let kill = 0; kill < 5; kill += 1) {
        const { redis } = installation.parts;
        const victim = random.pick<OwnedProcess>([redis, installation.mariaDb, ...installation.apps]);
        await victim.kill9();
        await delay(random.integer(0, 500));
        await victim.start();
        await delay(random.integer(0, 1_000));
      }
    },
  },
];
