import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { clientKey, createDatabase, startApp, temporaryDirectory, type TestApp } from '@paddock/testing';
import { startChild } from './child.js';
import type { Servers } from './installation.js';
import type { ProxyLoadReport, ProxyLoadTask } from './proxy-load.js';
import { startNginx } from './proxy-nginx.js';
import type { SingleFlightTask } from './proxy-single-flight.js';
import type { UpstreamCounts, UpstreamReady, UpstreamTask } from './proxy-upstream.js';
import { ms } from './statistics.js';

export const WINDOW_MS = 1_000;
export const QUESTIONS = Array.from({ length: 20 }, (_, number) => `/odds?event=${number}`);

const CLIENT_KEY = 'pk_bench';
const SILENCE_MS = 30_000;

/** Ways to a third party's prices. */
export type Way = 'direct' | 'proxy' | 'single-flight' | 'nginx';

/** A third party, and the servers that readers can ask instead. */
export interface Stage {
  /** The source of the third party's data. */
  readonly source: string;
  /** `undefined` where nginx is not installed. */
  readonly nginxVersion: string | undefined;
  /** Reads at a steady rate, independent of the answers. */
  load(way: Way, shape: { perSecond: number; seconds: number }): Promise<ProxyLoadReport>;
  /** The requests to the third party since the last report. */
  counts(): Promise<UpstreamCounts>;
  stop(): Promise<void>;
}

/** @param singleFlight also two processes that do nothing but let those who ask at the same time share one request */
export async function setStage(
  { mysql, redis }: Servers,
  task: Omit<UpstreamTask, 'questions'>,
  { singleFlight = false } = {},
): Promise<Stage> {
  const { child, answer } = await startChild('./proxy-upstream.js', {
    ...task,
    questions: QUESTIONS.length,
  } satisfies UpstreamTask);
  const { port, source }: UpstreamReady = { port: 0, source: '', ...Object(answer) };
  const direct = `http://127.0.0.1:${port}`;
  const [database, directory] = await Promise.all([createDatabase(new URL(mysql.url)), temporaryDirectory()]);
  const [upstreams, feeds] = [join(directory.path, 'upstreams.json'), join(directory.path, 'feeds.json')];
  const key = clientKey(CLIENT_KEY, { site: 'acme-uk', scopes: ['proxy'] });
  const upstream = { baseUrl: direct, silenceMs: SILENCE_MS, allow: ['/odds'] };
  await writeFile(
    upstreams,
    JSON.stringify({ upstreams: { mock: { ...upstream, windowMs: WINDOW_MS } }, clientKeys: [key] }),
  );
  await writeFile(feeds, JSON.stringify([{ type: 'uof', key: 'quiet', producers: [1] }]));
  const prefix = `proxy-${task.seed}`;
  const env = {
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    DATABASE_URL: database.url.href,
    REDIS_URL: redis.url,
    REDIS_PREFIX: prefix,
    ODDS_FEEDS_FILE: feeds,
    PROXY_UPSTREAMS_FILE: upstreams,
    PROXY_ALLOW_PRIVATE: 'true',
  };
  await promisify(execFile)(process.execPath, [resolve('dist/apps/odds/src/migrate.js')], { env });
  const odds: TestApp[] = [await startApp('odds', env), await startApp('odds', env)];
  const flights = await Promise.all(
    (singleFlight ? [1, 2] : []).map(() =>
      startChild('./proxy-single-flight.js', {
        redis: redis.url,
        prefix: `${prefix}-flights`,
        upstream,
        clientKey: key,
      } satisfies SingleFlightTask),
    ),
  );
  const nginx = await startNginx(direct);
  const origins: Readonly<Record<Way, string[]>> = {
    direct: [direct],
    proxy: odds.map(({ app }) => app.url),
    'single-flight': flights.map((flight) => `http://127.0.0.1:${String(flight.answer)}`),
    nginx: nginx ? [nginx.url] : [],
  };
  return {
    source,
    nginxVersion: nginx?.version,
    load: (way, shape) => load({ ...shape, origins: origins[way] }, way === 'proxy' || way === 'single-flight'),
    async counts() {
      child.send('counts');
      const [counts]: UpstreamCounts[] = await once(child, 'message');
      if (!counts) throw new Error('the third party did not say what it was asked');
      return counts;
    },
    async stop() {
      await Promise.all([...odds.map((app) => app.dispose()), nginx?.stop()]);
      for (const flight of flights) flight.child.disconnect();
      child.disconnect();
      await database.drop();
      await directory.remove();
    },
  };
}

async function load(
  task: Pick<ProxyLoadTask, 'origins' | 'perSecond' | 'seconds'>,
  proxied: boolean,
): Promise<ProxyLoadReport> {
  const paths = QUESTIONS.map((path) => (proxied ? `/v1/proxy/mock${path}` : path));
  const { answer } = await startChild('./proxy-load.js', {
    ...task,
    paths,
    headers: proxied ? `Paddock-Client-Key: ${CLIENT_KEY}\r\n` : '',
  } satisfies ProxyLoadTask);
  return {
    sent: 0,
    refused: 0,
    failed: 0,
    dropped: 0,
    tookMs: 0,
    p50Ms: 0,
    p95Ms: 0,
    p99Ms: 0,
    hitP95Ms: 0,
    ageP50Ms: 0,
    ageP95Ms: 0,
    ...Object(answer),
  };
}

/** The readers' results in one line. */
export function describeLoad({
  sent,
  refused,
  failed,
  dropped,
  p50Ms,
  p95Ms,
  p99Ms,
  ageP50Ms,
  ageP95Ms,
}: ProxyLoadReport): string {
  const without = [
    `${count(refused)} refused`,
    `${count(failed)} failed`,
    ...(dropped > 0 ? [`${count(dropped)} not sent`] : []),
  ];
  return `${count(sent)} reads: p50 ${ms(p50Ms)}, p95 ${ms(p95Ms)}, p99 ${ms(p99Ms)}; age of the price p50 ${ms(ageP50Ms)}, p95 ${ms(ageP95Ms)}; ${without.join(', ')}`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
