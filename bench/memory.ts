import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { artefactKeys } from '@paddock/contracts';
import { freePort } from '@paddock/processes';
import { type TestApp, until } from '@paddock/testing';
import type { Observation, Outcome } from './figures.js';
import type { Installation, Servers } from './installation.js';
import { KeptConnection } from './kept-connection.js';
import { megabytes } from './statistics.js';

/** V8 gives memory back once it has had nothing to do for some eight seconds. */
const SETTLING_MS = 15_000;

/** How much of the machine's memory an edge takes for many documents, and how long everything behind it takes with them. */
export async function benchMemory(
  { redis }: Servers,
  few: Installation,
  many: Installation,
  { documents, jsonBytes }: { documents: number; jsonBytes: number },
): Promise<Outcome> {
  const observations: Observation[] = [];
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    observations.push({ name, value: `${((performance.now() - began) / 1_000).toFixed(2)} s` });
    return result;
  };
  const client = new Redis(redis.url);
  const { live, head } = artefactKeys(many.name, 'production');
  const complete = () =>
    until(async () => (await client.hlen(live)) >= documents && (await client.exists(head)) === 1, {
      timeoutMs: 180_000,
      what: 'the rebuild of Redis',
    });

  const small = await rssWithFew(few);
  const worker = await many.start('worker');
  await complete();
  const first = await timed(
    `edge from its start to ready, ${documents.toLocaleString('en')} documents from Redis`,
    () => many.start('edge'),
  );
  const used = await settledRss(first);
  await many.stop(first);

  const elsewhere = { REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
  const second = await timed('edge from its start to ready, from its disk, Redis unreachable', () =>
    many.start('edge', { env: elsewhere }),
  );
  const fromDisk = await settledRss(second);
  await many.stop(second);

  await redis.flush();
  await timed('Redis emptied → everything in it again, found out included', complete);
  await many.stop(worker);
  client.disconnect();
  const json = megabytes(jsonBytes);
  return {
    figures: [
      {
        name: `edge memory with ${documents.toLocaleString('en')} documents: all of the process (RSS)`,
        measured: megabytes(used.now),
        limit: `their JSON: ${json}`,
        ratio: used.now / jsonBytes,
        bar: { atMost: 4 },
      },
      {
        name: 'the same, started from its disk',
        measured: megabytes(fromDisk.now),
        limit: `their JSON: ${json}`,
        ratio: fromDisk.now / jsonBytes,
        bar: { atMost: 4 },
      },
    ],
    observations: [
      {
        name: 'edge memory with 10 documents',
        value: `${megabytes(small.now)}; ${megabytes(small.files)} of them are pages of the Node binary and libraries`,
      },
      {
        name: 'growth from 10 to 100,000 documents, per byte of JSON',
        value: ((used.now - small.now) / jsonBytes).toFixed(2),
      },
      {
        name: 'highest memory while it read them from Redis / from disk',
        value: `${megabytes(used.highest)} / ${megabytes(fromDisk.highest)}`,
      },
      ...observations,
    ],
  };
}

async function rssWithFew(few: Installation) {
  const worker = await few.start('worker');
  const edge = await few.start('edge');
  const used = await settledRss(edge);
  await few.stop(edge);
  await few.stop(worker);
  return used;
}

/** Resident memory once every page of a site has been asked for and the collector had time. */
async function settledRss({ app }: TestApp): Promise<{ now: number; highest: number; files: number }> {
  const connection = new KeptConnection(new URL(app.url));
  for (let page = 1; page <= 200; page += 1)
    await connection.get(`/v1/production/sites/market-${1 + (page % 50)}/layouts/topic-${1 + (page % 19)}`);
  connection.close();
  await delay(SETTLING_MS);
  const status = await readFile(`/proc/${app.pid ?? 0}/status`, 'utf8');
  const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { now: kilobytes('VmRSS') * 1_024, highest: kilobytes('VmHWM') * 1_024, files: kilobytes('RssFile') * 1_024 };
}
