import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import type { AppProcess } from '@paddock/processes';
import { until } from '@paddock/testing';
import { readPage } from '../../read-page.js';
import { TWINS_PATH } from '../../twins.js';
import { BREAKABLE, type FaultRow, type Site } from '../hazard-row.js';

const run = promisify(execFile);

const IDLE_CONNECTIONS = 400;
const SPARE_DESCRIPTORS = 40;
const PLENTY_OF_DESCRIPTORS = 20_000;
const QUESTIONS = 60;
/** "503 fast, no hang." */
const FAST_MS = 10_000;

export const CLIENTS: readonly FaultRow[] = [
  {
    name: 'herd',
    fault: '2,000 to 5,000 clients ask at once an edge that starts, with its disk or without',
    expected: 'every client is answered; each document is read from Redis a few times, not once per client',
    boundMs: 30_000,
    judge: { emptyDisks: true },
    async inject(site, random) {
      const edge = site.installation.edge();
      await edge.kill9();
      if (random.integer(0, 1) === 1) await rm(site.installation.parts.stateDirectories[0] ?? '', { recursive: true });
      const before = await commandsOf(site);
      edge.launch();
      const clients = random.integer(2_000, 5_000);
      const ready = edge.becomesReady();
      await Promise.all(Array.from({ length: clients }, () => askUntilAnswered(edge.url + TWINS_PATH)));
      await ready;
      const commands = (await commandsOf(site)) - before;
      if (commands > clients * 2) throw new Error(`${clients} clients cost ${commands} Redis commands`);
    },
  },
  {
    name: 'descriptors-exhausted',
    fault: `an edge may open ${SPARE_DESCRIPTORS} more descriptors, and ${IDLE_CONNECTIONS} clients connect and say nothing, for 8 s`,
    expected: 'clients with a connection are served; new connections are reset at once; it recovers',
    boundMs: 15_000,
    judge: { resetsConnections: true },
    async inject(site) {
      const edge = site.installation.edge();
      const kept = new Agent({ keepAlive: true, maxSockets: 1 });
      await readKept(edge, kept);
      await limitDescriptors(edge, (await openDescriptors(edge)) + SPARE_DESCRIPTORS);
      const idle = Array.from({ length: IDLE_CONNECTIONS }, () => idleConnection(edge));
      try {
        for (const end = performance.now() + 8_000; performance.now() < end; await delay(100))
          await readKept(edge, kept);
      } finally {
        for (const socket of idle) socket.destroy();
        kept.destroy();
      }
    },
    heal: ({ installation }) => limitDescriptors(installation.edge(), PLENTY_OF_DESCRIPTORS),
  },
  {
    name: 'pool-exhausted',
    fault: `two connections to a database that is 300 ms away, and ${QUESTIONS} questions at once`,
    expected: 'each is answered within 10 s: with its data, or with 503 UNAVAILABLE',
    boundMs: 30_000,
    needs: { ...BREAKABLE, env: { DATABASE_POOL_SIZE: '2' } },
    async inject({ installation }) {
      installation.network(installation.parts.controlPlane).database?.slow(300);
      const answers = await Promise.all(
        Array.from({ length: QUESTIONS }, async () => {
          const question = installation.editor.client.send(
            'query { documents(kind: PROMO, first: 10) { nodes { key } } }',
          );
          const answer = await Promise.race([question, delay(FAST_MS, undefined)]);
          return answer
            ? `${answer.status} ${answer.errors.map(({ extensions }) => extensions.code).join()}`.trim()
            : 'no answer';
        }),
      );
      const other = answers.filter((answer) => answer !== '200' && answer !== '503 UNAVAILABLE');
      if (other.length > 0)
        throw new Error(`${other.length} of ${QUESTIONS} questions: ${[...new Set(other)].join(', ')}`);
    },
  },
];

/** As a client does that retries when the answer says so. */
async function askUntilAnswered(url: string): Promise<void> {
  await until(async () => (await readPage(url)).status === 200, {
    timeoutMs: 60_000,
    everyMs: 250,
    what: 'an answer to everyone',
  });
}

async function commandsOf({ installation }: Site): Promise<number> {
  const redis = new Redis(installation.parts.redis.url);
  const stats = await redis.info('stats');
  redis.disconnect();
  return Number(/total_commands_processed:(\d+)/.exec(stats)?.[1]);
}

async function openDescriptors({ pid }: AppProcess): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

async function limitDescriptors({ pid }: AppProcess, limit: number): Promise<void> {
  await run('prlimit', ['--pid', String(pid), `--nofile=${limit}:${PLENTY_OF_DESCRIPTORS}`]);
}

function idleConnection({ url }: AppProcess): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  // It may be reset: that is the point.
  socket.on('error', () => undefined);
  return socket;
}

function readKept({ url }: AppProcess, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url + TWINS_PATH, { agent, timeout: 2_000 }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 200
          ? resolve()
          : reject(new Error(`a kept connection is answered ${response.statusCode}`)),
      );
    });
    request.on('timeout', () => request.destroy(new Error('a kept connection waits')));
    request.on('error', reject);
  });
}
