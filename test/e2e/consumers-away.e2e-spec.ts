import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHANGES_KEPT, type Receipt } from '@paddock/contracts';
import {
  heartbeatTask,
  implementTask,
  RECEIPTS_QUEUE,
  receiptTask,
  startWorker,
  workerConnection,
} from '@paddock/tasks';
import { createDatabase, redisPrefix, startApp, temporaryDirectory, type TestApp, until } from '@paddock/testing';
import { LandedHistory } from './landed-history.js';

const CASE_MS = 300_000;
const CONSUMERS = ['edge', 'odds', 'analytics'] as const;
type Consumer = (typeof CONSUMERS)[number];

/** Of a longer series of releases the newest are answered for. */
const RECEIPTS_AT_ONCE = 20;

/** The state that a consumer shows, and its receipts since it was offline. */
interface Seen {
  readonly seq: number | null;
  readonly rejectedSeq: number | null;
  readonly receipts: readonly string[];
}

interface Readyz {
  readonly checks: {
    readonly config?: { readonly seq?: number; readonly rejection?: { readonly seq: number } };
    readonly state?: {
      readonly environments: readonly {
        readonly seq: number | null;
        readonly rejected: { readonly seq: number } | null;
      }[];
    };
  };
}

describe('edge, odds and analytics, which follow by the same rules', () => {
  const area = redisPrefix();
  const apps = new Map<Consumer, TestApp>();
  const endings: (() => unknown)[] = [];
  const receipts: Receipt[] = [];
  let history: LandedHistory;

  beforeAll(async () => {
    const [database, directory] = await Promise.all([createDatabase(), temporaryDirectory()]);
    endings.push(
      () => database.drop(),
      () => directory.remove(),
      () => area.clear(),
    );
    const at = (name: string): string => join(directory.path, name);
    const redis = { REDIS_URL: area.url.href, REDIS_PREFIX: area.prefix };
    const settings: Record<Consumer, Record<string, string>> = {
      edge: { EDGE_STATE_DIR: at('edge'), EDGE_INSTANCE: 'edge-1', EDGE_POLL_MS: '200' },
      odds: {
        ...{ ODDS_STATE_DIR: at('odds'), ODDS_INSTANCE: 'odds-1', ODDS_POLL_MS: '200' },
        DATABASE_URL: database.url.href,
      },
      analytics: {
        ...{ ANALYTICS_STATE_DIR: at('analytics'), ANALYTICS_STORE_DIR: at('store'), ANALYTICS_POLL_MS: '200' },
        ...{ ANALYTICS_INSTANCE: 'analytics-1', ANALYTICS_OPEN_READS: 'true' },
      },
    };
    const worker = startWorker(
      RECEIPTS_QUEUE,
      [
        implementTask(receiptTask, ({ payload }) => Promise.resolve(void receipts.push(payload))),
        implementTask(heartbeatTask, () => Promise.resolve()),
      ],
      { connection: workerConnection(area.url), prefix: area.prefix, concurrency: 1, onError: () => undefined },
    );
    endings.push(() => worker.close());
    history = await LandedHistory.begin(area.url, area.prefix);
    endings.push(() => history.close());
    await promisify(execFile)(process.execPath, [resolve('dist/apps/odds/src/migrate.js')], {
      env: { ...redis, ...settings.odds },
    });
    for (const name of CONSUMERS) {
      const app = await startApp(name, { ...redis, ...settings[name] });
      apps.set(name, app);
      endings.push(() => app.dispose());
    }
    await eachShows({ seq: 0, rejectedSeq: null, receipts: ['0 APPLIED'] });
  }, CASE_MS);
  afterAll(async () => {
    for (const end of endings.reverse()) await end();
  }, CASE_MS);

  async function seen(name: Consumer): Promise<Seen> {
    const response = await fetch(`${apps.get(name)?.app.operationsUrl}/readyz`);
    const { checks }: Readyz = JSON.parse(await response.text());
    const [environment] = checks.state?.environments ?? [];
    return {
      seq: environment?.seq ?? checks.config?.seq ?? null,
      rejectedSeq: environment?.rejected?.seq ?? checks.config?.rejection?.seq ?? null,
      receipts: receipts
        .filter(({ consumer, instance }) => consumer === name && instance === `${name}-1`)
        .toSorted((a, b) => a.seq - b.seq)
        .map(({ seq, state, error }) => `${seq} ${state}${error?.includes('is missing') ? ' is missing' : ''}`),
    };
  }

  /** Waits until all three show the same, and fails with what they show instead. */
  async function eachShows(expected: Seen): Promise<void> {
    for (const name of CONSUMERS) {
      let last: Seen | undefined;
      await until(async () => isDeepStrictEqual((last = await seen(name)), expected)).catch(() => undefined);
      expect([name, last]).toEqual([name, expected]);
    }
  }

  /**
   * Keeps all three consumers offline during `meanwhile`: stopped by SIGSTOP, or ended and then started from their
   * disks.
   */
  async function whileOffline(isEnded: boolean, meanwhile: () => Promise<void>): Promise<void> {
    const processes = [...apps.values()].map(({ app }) => app);
    if (isEnded) await Promise.all(processes.map((app) => app.stop()));
    else for (const app of processes) app.pause();
    receipts.length = 0;
    await meanwhile();
    for (const app of processes) await (isEnded ? app.start() : app.resume());
  }

  /** Receipts of the newest releases after `from` up to `to`. */
  const applied = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => `${from + 1 + index} APPLIED`).slice(-RECEIPTS_AT_ONCE);

  test.each([1, 20, 21, CHANGES_KEPT, 20_001])(
    'offline for %s releases: all are applied, or the whole state is read where there are too many',
    async (distance) => {
      const before = history.seq;
      await whileOffline(distance > CHANGES_KEPT, () => history.land(distance, false));
      const { seq } = history;
      const isRead = distance > CHANGES_KEPT;
      await eachShows({ seq, rejectedSeq: null, receipts: applied(isRead ? seq - 1 : before, seq) });
    },
  );

  test.each([1, 20, 21, CHANGES_KEPT, 20_001])(
    'offline for %s releases, the last one not applicable: all earlier ones are applied, and the last once it is repaired',
    async (distance) => {
      const before = history.seq;
      const isRead = distance > CHANGES_KEPT;
      await whileOffline(isRead, () => history.land(distance, true));
      const { seq } = history;
      // Without records of all releases in between, nothing leads to the last good one: what is held stays.
      const reached = isRead ? before : seq - 1;
      const rejected = `${seq} REJECTED is missing`;
      await eachShows({ seq: reached, rejectedSeq: seq, receipts: [...applied(before, reached), rejected] });
      receipts.length = 0;
      await history.restoreWithheld();
      await eachShows({ seq, rejectedSeq: null, receipts: [`${seq} APPLIED`] });
    },
  );
});
