import { glob, readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AppProcess, OwnedProcess } from '@paddock/processes';
import { isHazardRun, seededRandom, until } from '@paddock/testing';
import { expectOk } from '../../../apps/control-plane/src/testing/expect-result.js';
import { EdgeWatch } from '../edge-watch.js';
import type { Installation } from '../installation.js';
import { startInstallation } from '../start-installation.js';
import { expectFaultlessReads, expectAgreement } from '../expect-agreement.js';
import { TwinPublisher } from '../twins.js';

/** Where each process dies in one round: a publish passes all three, and each of them dies at its own step. */
const ROUNDS = [
  { controlPlane: 'land:before-commit', worker: 'deliver:before-blobs', edge: 'edge:mid-journal-write' },
  { controlPlane: 'land:after-commit', worker: 'deliver:after-blobs', edge: 'edge:before-apply' },
  { controlPlane: 'relay:before-enqueue', worker: 'deliver:after-notice', edge: 'edge:after-apply' },
  { controlPlane: 'relay:after-enqueue', worker: 'deliver:after-head', edge: 'edge:before-fsync' },
  { controlPlane: 'land:after-commit', worker: 'relay:before-enqueue', edge: 'edge:after-persist' },
  { controlPlane: 'land:after-commit', worker: 'relay:after-enqueue', edge: 'edge:before-receipt' },
];

/** Steps at which a worker dies that rebuilds everything, and an edge that reads everything. */
const REBUILD_ROUNDS = [
  { worker: 'rebuild:mid-live', edge: 'edge:mid-snapshot' },
  { worker: 'rebuild:before-head', edge: 'edge:before-apply' },
];
/** Steps at which a worker dies that delivers settings, which need no release. */
const SETTINGS_STEPS = ['deliver:before-head', 'deliver:after-head'];

const ROUND_MS = 300_000;
/** How long after a landing a process that is to die may still live: the worker sweeps every second. */
const DEATH_MS = 5_000;
const CHAOS_MS = isHazardRun() ? 30_000 : 8_000;

describe('kill -9 at every step of the way of a change', () => {
  const random = seededRandom();
  let installation: Installation;
  let publisher: TwinPublisher;

  beforeAll(async () => {
    installation = await startInstallation();
    publisher = new TwinPublisher(installation);
    await publisher.begin();
  }, ROUND_MS);
  // One case must not be the reason why the next one fails.
  afterEach(() => installation.heal(), ROUND_MS);
  afterAll(() => installation.dispose());

  it('leaves no step out', async () => {
    const steps = [...[...ROUNDS, ...REBUILD_ROUNDS].flatMap((round) => Object.values(round)), ...SETTINGS_STEPS];
    expect(new Set(steps)).toEqual(new Set(await crashPoints()));
  });

  it.each(ROUNDS)(
    'control plane at $controlPlane, worker at $worker, edge at $edge',
    async (steps) => {
      const { controlPlane, worker } = installation.parts;
      const edge = installation.edge();
      const watch = new EdgeWatch(installation);
      await Promise.all([arm(worker, steps.worker), arm(edge, steps.edge)]);
      // Either process may relay and deliver. A process that did not reach its step this time may reach it with the
      // next publish.
      let controlPlaneDied = false;
      do {
        await arm(controlPlane, steps.controlPlane);
        const prepared = await publisher.prepare();
        const landing = publisher.land(prepared);
        await Promise.race([controlPlane.exit, landing.then(() => delay(DEATH_MS))]);
        if (!controlPlane.running) {
          await diesAndReturns(controlPlane);
          controlPlaneDied = true;
        }
        await landing;
      } while (!(await endsWithin(worker, DEATH_MS)) || !controlPlaneDied);
      await diesAndReturns(worker);
      await diesAndReturns(edge);
      await installation.heal();
      const report = await watch.stop();
      await expectAgreement(installation, publisher.attempts);
      await expectFaultlessReads(installation, report);
    },
    ROUND_MS,
  );

  it(
    'a worker that rebuilds, an edge that writes its first snapshot',
    async () => {
      const { redis, worker } = installation.parts;
      const edge = installation.edge();
      for (const steps of REBUILD_ROUNDS) {
        await Promise.all([arm(worker, steps.worker), edge.kill9()]);
        await rm(installation.parts.stateDirectories[0] ?? '', { recursive: true });
        await redis.flush();
        await diesAndReturns(worker);
        // It reads everything again as soon as it starts, so it may die before it is ready.
        await edge.start({ env: { PADDOCK_CRASH: steps.edge } }).catch(() => undefined);
        await diesAndReturns(edge);
        await installation.heal();
        await expectAgreement(installation, publisher.attempts);
      }
    },
    ROUND_MS,
  );

  it(
    'a worker on the way of new settings',
    async () => {
      const { worker, edges } = installation.parts;
      for (const step of SETTINGS_STEPS) {
        await arm(worker, step);
        const create =
          'mutation ($input: CreateClientKeyInput!) { createClientKey(input: $input) { ... on ClientKeyCreated { key } } }';
        const input = { environment: 'production', consumer: 'web', scopes: ['SYNC'] };
        const { key } = expectOk(await installation.editor.client.send(create, { input })) as { key: string };
        await diesAndReturns(worker);
        for (const edge of edges) {
          const manifest = (): Promise<Response> =>
            fetch(`${edge.url}/v1/production/manifest`, { headers: { 'paddock-client-key': key } });
          await until(async () => (await manifest()).status === 200, {
            timeoutMs: 30_000,
            what: 'the new key at every edge',
          });
        }
      }
    },
    ROUND_MS,
  );

  it(
    `any process at any moment while two publishers publish (seed ${random.seed})`,
    async () => {
      const other = new TwinPublisher(installation, 'other');
      await other.begin();
      const watch = new EdgeWatch(installation);
      const stops = [publisher.repeat(), other.repeat()];
      const victims: [OwnedProcess, ...OwnedProcess[]] = [installation.parts.redis, ...installation.apps];
      const end = performance.now() + CHAOS_MS;
      while (performance.now() < end) {
        await delay(random.integer(0, 1_500));
        const victim = random.pick(victims);
        await victim.kill9();
        await delay(random.integer(0, 500));
        await victim.start();
      }
      await Promise.all(stops.map((stop) => stop()));
      await installation.heal();
      const report = await watch.stop();
      await expectAgreement(installation, [...publisher.attempts, ...other.attempts]);
      await expectFaultlessReads(installation, report);
    },
    ROUND_MS,
  );
});

/** The names of all crash points on the way of a change. */
async function crashPoints(): Promise<string[]> {
  const names: string[] = [];
  for await (const file of glob('apps/{control-plane/src/{releases,publishing},edge/src}/**/*.ts')) {
    for (const [, name] of (await readFile(file, 'utf8')).matchAll(/crashPoint\('([^']+)'\)/g)) names.push(name ?? '');
  }
  return names;
}

/** Restarts a process so that it kills itself at a step. */
async function arm(app: AppProcess, step: string): Promise<void> {
  await app.stop();
  await app.start({ env: { PADDOCK_CRASH: step } });
}

/** Does the process end by itself in that time? */
function endsWithin(app: AppProcess, ms: number): Promise<boolean> {
  return Promise.race([app.exit.then(() => true), delay(ms, false)]);
}

/** Waits for the death that was armed, proves that it was one, and starts the process again. */
async function diesAndReturns(app: AppProcess): Promise<void> {
  expect(await app.exit).toEqual({ code: null, signal: 'SIGKILL' });
  await app.start();
}
