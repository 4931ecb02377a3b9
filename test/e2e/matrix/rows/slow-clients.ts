import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppProcess } from '@paddock/processes';
import { openLoop, type Random, until } from '@paddock/testing';
import { OddsWorld } from '../../odds-world.js';
import { openStalledClient, type StalledClient } from '../../stalled-client.js';
import type { SeparateRow } from '../hazard-row.js';

const CLIENTS = 100;
/** Of each market: the buffers of the kernel take some megabytes before the edge notices that a client does not read. */
const RUNNERS = 60;
/** The most bytes that an edge buffers for a client that does not read, before it disconnects the client. */
const UNREAD_BYTES = 256 << 10;
/** The growth of the process for other reasons. */
const SLACK_BYTES = 96 << 20;
const CALM_MS = 5_000;
/** The p99 of other clients, on a machine that does other things besides. */
const OTHERS_P99_MS = 250;

export const SLOW_CLIENTS: readonly SeparateRow[] = (['sse', 'ws'] as const).map((transport) => ({
  name: transport === 'sse' ? 'slow-sse' : 'slow-websocket',
  fault: `${CLIENTS} ${transport === 'sse' ? 'SSE' : 'WebSocket'} clients of the market stream with real sockets stop reading`,
  expected: `each is let go; the edge grows by what ${CLIENTS} of them may have unread, and no more; others are served as before`,
  run: (random) => stallClients(transport, random),
}));

async function stallClients(transport: 'sse' | 'ws', random: Random): Promise<string> {
  const world = await OddsWorld.start(random, { runners: RUNNERS });
  const stalled: StalledClient[] = [];
  let stopTalking: () => Promise<void> = () => Promise.resolve();
  try {
    await world.say('OPEN');
    const reader = await world.reader({ transport, conflateMs: 0 });
    stopTalking = world.talk();
    const before = await loadFor(world, () => delay(CALM_MS));
    const memoryBefore = await residentBytes(world.edge);
    for (let client = 0; client < CLIENTS; client += 1) stalled.push(await openStalledClient(transport, world.address));
    let peak = 0;
    const during = await loadFor(world, () =>
      until(
        async () => {
          peak = Math.max(peak, await residentBytes(world.edge));
          return (await stillServed(stalled)) === 0;
        },
        { timeoutMs: 300_000, everyMs: 250, what: `the end of ${CLIENTS} connections that are not read` },
      ),
    );
    await stopTalking();
    await world.settle();
    const grown = peak - memoryBefore;
    const problems = [
      ...(grown > CLIENTS * UNREAD_BYTES + SLACK_BYTES ? [`the edge grew by ${megabytes(grown)} MB`] : []),
      ...(during.p99Ms > Math.max(OTHERS_P99_MS, 3 * before.p99Ms)
        ? [`p99 of others went from ${before.p99Ms} to ${during.p99Ms} ms`]
        : []),
      ...[...before.errors, ...during.errors].map(String),
      ...reader.faults,
      ...reader.client.violations.map(String),
    ];
    if (problems.length > 0) throw new Error(problems.join('; '));
    return `grew by ${megabytes(grown)} MB; p99 of others ${before.p99Ms} ms before, ${during.p99Ms} ms meanwhile; all let go after ${(during.lastedMs / 1_000).toFixed(1)} s`;
  } finally {
    for (const client of stalled) client.close();
    await stopTalking();
    await world.dispose();
  }
}

/** Reads the markets at a steady rate while `work` runs. */
async function loadFor({ address: { edge, key } }: OddsWorld, meanwhile: () => Promise<unknown>) {
  const begun = performance.now();
  const load = openLoop({ perSecond: 50, maxInFlight: 5_000 }, async () => {
    const response = await fetch(`${edge}/v2/markets?clientKey=${key}`);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the markets are answered ${response.status}`);
  });
  const [outcome] = await Promise.allSettled([meanwhile()]);
  const { errors, delayMs } = await load.stop();
  if (outcome.status === 'rejected') throw outcome.reason;
  return { errors, p99Ms: Math.round(delayMs(0.99)), lastedMs: performance.now() - begun };
}

async function residentBytes({ pid }: AppProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
}

/** How many of these clients have an established connection at the other end, as the kernel says. */
async function stillServed(clients: readonly StalledClient[]): Promise<number> {
  const ports = new Set(clients.map(({ port }) => port));
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n');
  const remotePorts = lines.flatMap((line) => /^ *\d+: \S+ [0-9A-F]{8}:([0-9A-F]{4}) 01 /.exec(line)?.[1] ?? []);
  return remotePorts.filter((port) => ports.has(Number.parseInt(port, 16))).length;
}

const megabytes = (bytes: number): number => Math.round(bytes / (1 << 20));
