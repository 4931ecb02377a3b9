import { setTimeout as delay } from 'node:timers/promises';
import { type TcpProxy, until } from '@paddock/testing';
import { type Installation, readiness } from '../../installation.js';
import type { FaultRow } from '../hazard-row.js';

const BOUND_MS = 30_000;
const LASTS_MS = 8_000;
/** A network is silent for longer than statements and commands wait. */
const SILENT_MS = 6_000;

type Weather = readonly [name: string, what: string, begin: (network: TcpProxy) => void];

const SILENT: Weather = ['silent', 'swallows everything', (network) => network.silence()];
const SLOW: Weather = ['slow', 'delays everything by 2 s', (network) => network.slow(2_000)];
const WEATHERS: readonly Weather[] = [
  SILENT,
  SLOW,
  ['reset', 'resets every connection', (network) => network.refuse()],
  ['half-open', 'swallows replies', (network) => network.swallowReplies()],
];

type Link = readonly [name: string, between: string, network: (installation: Installation) => TcpProxy | undefined];

const LINKS: readonly Link[] = [
  [
    'control-plane-redis',
    'control plane and Redis',
    (installation) => installation.network(installation.parts.controlPlane).redis,
  ],
  ['worker-redis', 'worker and Redis', (installation) => installation.network(installation.parts.worker).redis],
  [
    'control-plane-mysql',
    'control plane and MySQL',
    (installation) => installation.network(installation.parts.controlPlane).database,
  ],
  ['worker-mysql', 'worker and MySQL', (installation) => installation.network(installation.parts.worker).database],
];

export const NETWORKS: readonly FaultRow[] = [
  ...WEATHERS.map(([name, what, begin]): FaultRow => ({
    name: `edge-redis-${name}`,
    fault: `the network between an edge and Redis ${what} for ${LASTS_MS / 1_000} s`,
    expected:
      'the edge serves its last good state, says since when it is stale (not where the network is merely slow), and fetches what it missed',
    boundMs: BOUND_MS,
    async inject({ installation }) {
      const edge = installation.edge();
      begin(installation.network(edge).redis);
      const lasts = delay(LASTS_MS);
      if (name !== 'slow')
        await until(async () => (await readiness(edge)).stale !== null, {
          timeoutMs: LASTS_MS + 4_000,
          what: 'an edge that says it is stale',
        });
      await lasts;
    },
  })),
  ...LINKS.flatMap(([link, between, networkOf]) =>
    [SILENT, SLOW].map(([name, what, begin]): FaultRow => ({
      name: `${link}-${name}`,
      fault: `the network between ${between} ${what} for ${SILENT_MS / 1_000} s`,
      expected: 'edges serve; publishes are acknowledged late, or answered with what to do',
      boundMs: BOUND_MS,
      async inject({ installation }) {
        const network = networkOf(installation);
        if (!network) throw new Error(`there is no network between ${between}`);
        begin(network);
        await delay(SILENT_MS);
      },
    })),
  ),
];
