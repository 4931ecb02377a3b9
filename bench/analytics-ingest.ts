import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { collect } from '../apps/analytics/src/collector/collect.js';
import { CompiledContracts } from '../apps/analytics/src/collector/compiled-contract.js';
import { readBody } from '../apps/analytics/src/collector/read-body.js';
import { parseDefinitions } from '../apps/analytics/src/definitions/definitions-file.js';
import { decodeChunk } from '../apps/analytics/src/log/chunk.js';
import { openEngine } from '../apps/analytics/src/store/engine.js';
import { ensureRawTable, rawTable } from '../apps/analytics/src/store/raw-table.js';
import { startApp, type TestApp } from '@paddock/testing';
import { betBody, betDefinitions } from './bets.js';
import type { Outcome } from './figures.js';
import type { Servers } from './installation.js';
import { delays, median, spreadOf } from './statistics.js';

const PER_POST = 1_000;
const SENDERS = 8;
const ROUNDS = 3;
/** Sent before the measurement begins: what is asked for is a sustained rate, not that of a start. */
const WARM_UP = 100_000;
const METRICS = 8;
/** For the delay: what is offered, whether or not it is taken in time. */
const OFFERED_PER_SECOND = 40_000;

/**
 * Events from HTTP until they can be queried, eight metrics active, senders and Redis on the same cores, against bare
 * insertion of the same rows into the same engine by a process that does nothing else; in turns.
 */
export async function benchIngest(servers: Servers, { events = 600_000, seconds = 4 } = {}): Promise<Outcome> {
  const ratios: number[] = [];
  const whole: number[] = [];
  const bare: number[] = [];
  const cpu: number[] = [];
  await inDirectory(async (directory) => {
    const rows = insertable(WARM_UP + events);
    for (let round = 0; round < ROUNDS; round += 1) {
      const limit = await bareInsertion(join(directory, `bare-${round}`), rows);
      const reached = await withAnalytics(servers, join(directory, `whole-${round}`), (app) => endToEnd(app, events));
      bare.push(limit);
      whole.push(reached.perSecond);
      cpu.push(reached.cpuMicroseconds);
      ratios.push(reached.perSecond / limit);
    }
  });
  const waits = await inDirectory((directory) =>
    withAnalytics(servers, join(directory, 'delay'), (app) => delaysAt(app, OFFERED_PER_SECOND, seconds)),
  );
  const bytes = Math.round(betBody(0, PER_POST, Date.now()).length / PER_POST);
  return {
    figures: [
      {
        name: `events of ${bytes} bytes, HTTP to queryable, ${METRICS} metrics`,
        measured: `${perSecond(median(whole))}`,
        limit: `${perSecond(median(bare))} inserted`,
        ratio: median(ratios),
        spread: spreadOf(ratios),
        bar: { atLeast: 0.35 },
      },
    ],
    observations: [
      { name: 'as a rate per minute', value: `${((median(whole) * 60) / 1e6).toFixed(1)} million` },
      { name: 'CPU of the analytics process', value: `${median(cpu).toFixed(1)} µs per event` },
      {
        name: `from the post until it can be queried, ${OFFERED_PER_SECOND.toLocaleString('en')} events/s offered`,
        value: delays(waits),
      },
    ],
  };
}

const perSecond = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`;

interface Insertable {
  columns: readonly string[];
  batches: Buffer[];
}

/** The rows that the collector would write, in batches as large as insertion likes them. */
function insertable(events: number): Insertable {
  const contracts = new CompiledContracts(parseDefinitions(betDefinitions(METRICS)).events);
  const now = Date.now();
  let columns: readonly string[] = [];
  const batches = Array.from({ length: events / 50_000 }, (_, batch) => {
    const received = Array.from(
      { length: 50 },
      (__, index) => readBody(betBody(batch * 50_000 + index * PER_POST, PER_POST, now), PER_POST).events,
    ).flat();
    const chunks = collect(contracts, received, { receivedAt: now, producer: 'bench', bot: false }).records.map(
      ({ value }) => decodeChunk(value),
    );
    columns = chunks[0]?.columns ?? [];
    return Buffer.concat(chunks.flatMap(({ rows }, index) => (index === 0 ? [rows] : [Buffer.from('\n'), rows])));
  });
  return { columns, batches };
}

async function bareInsertion(directory: string, { columns, batches }: Insertable): Promise<number> {
  const engine = await openEngine({ directory });
  for (const contract of parseDefinitions(betDefinitions(METRICS)).events) await ensureRawTable(engine, contract);
  const warm = WARM_UP / 50_000;
  for (const rows of batches.slice(0, warm)) await engine.insert(rawTable('bet'), columns, rows);
  const begun = performance.now();
  for (const rows of batches.slice(warm)) await engine.insert(rawTable('bet'), columns, rows);
  const seconds = (performance.now() - begun) / 1_000;
  await engine.close();
  return ((batches.length - warm) * 50_000) / seconds;
}

async function endToEnd({ app }: TestApp, events: number): Promise<{ perSecond: number; cpuMicroseconds: number }> {
  const now = Date.now();
  // Made before, as senders have their events when they send them.
  const bodies = (from: number, count: number): Buffer[] =>
    Array.from({ length: count / PER_POST }, (_, index) => betBody(from + index * PER_POST, PER_POST, now));
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
  const sendAll = (waiting: Buffer[]) =>
    Promise.all(
      Array.from({ length: SENDERS }, async () => {
        for (let body = waiting.pop(); body; body = waiting.pop())
          while ((await post(app.url, body, agent)) !== 202) await delay(50);
      }),
    );
  await sendAll(bodies(0, WARM_UP));
  await stored(app.operationsUrl, WARM_UP, 50);
  const waiting = bodies(WARM_UP, events);
  const cpu = await cpuSeconds(app.operationsUrl);
  const begun = performance.now();
  await sendAll(waiting);
  await stored(app.operationsUrl, WARM_UP + events, 50);
  const seconds = (performance.now() - begun) / 1_000;
  agent.destroy();
  return {
    perSecond: events / seconds,
    cpuMicroseconds: (((await cpuSeconds(app.operationsUrl)) - cpu) / events) * 1e6,
  };
}

/** Offers events at a fixed rate in an open loop, and measures the time of each post until its events are stored. */
async function delaysAt({ app }: TestApp, offered: number, seconds: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const posts = Math.floor((offered * seconds) / PER_POST);
  const begun = performance.now();
  const sentAt: number[] = [];
  const answers: Promise<unknown>[] = [];
  const watching = watchStored(app.operationsUrl, posts * PER_POST);
  for (let index = 0; index < posts; index += 1) {
    const due = begun + (index * PER_POST * 1_000) / offered;
    await delay(Math.max(0, due - performance.now()));
    sentAt.push(due);
    answers.push(post(app.url, betBody(index * PER_POST, PER_POST, Date.now()), agent));
  }
  await Promise.all(answers);
  const seen = await watching;
  agent.destroy();
  // Posts are stored in about the order in which they were sent: the n-th is there when n posts are.
  return sentAt.map((due, index) => (seen.find(({ count }) => count >= (index + 1) * PER_POST)?.at ?? Infinity) - due);
}

async function watchStored(url: string, events: number): Promise<{ count: number; at: number }[]> {
  const seen: { count: number; at: number }[] = [];
  while ((seen.at(-1)?.count ?? 0) < events) {
    seen.push({ count: await storedCount(url), at: performance.now() });
    await delay(10);
  }
  return seen;
}

async function stored(url: string, events: number, everyMs: number): Promise<void> {
  while ((await storedCount(url)) < events) await delay(everyMs);
}

export async function storedCount(url: string): Promise<number> {
  return Number(/analytics_events_total\{outcome="stored"[^}]*\} (\d+)/.exec(await metricsOf(url))?.[1] ?? 0);
}

async function cpuSeconds(url: string): Promise<number> {
  const text = await metricsOf(url);
  return ['user', 'system'].reduce(
    (sum, kind) =>
      sum + Number(new RegExp(`process_cpu_${kind}_seconds_total\\{[^}]*\\} ([\\d.]+)`).exec(text)?.[1] ?? 0),
    0,
  );
}

export const metricsOf = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();

export function post(url: string, body: Buffer, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/v1/events`,
      { method: 'POST', agent, headers: { 'content-type': 'application/x-ndjson', 'content-length': body.length } },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode));
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** An analytics process with its own store and log. */
export async function withAnalytics<T>(
  { redis }: Servers,
  directory: string,
  use: (app: TestApp) => Promise<T>,
  metrics = METRICS,
): Promise<T> {
  const definitions = `${directory}-definitions.json`;
  await writeFile(definitions, betDefinitions(metrics));
  const app = await startApp('analytics', {
    REDIS_URL: redis.url,
    REDIS_PREFIX: `bench-${randomUUID()}`,
    ANALYTICS_ANONYMOUS: 'true',
    ANALYTICS_STORE_DIR: join(directory, 'store'),
    ANALYTICS_DEFINITIONS: definitions,
    LOG_LEVEL: 'warn',
  });
  try {
    return await use(app);
  } finally {
    await app.dispose();
  }
}

export async function inDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'paddock-bench-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
