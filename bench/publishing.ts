import { once } from 'node:events';
import { Queue, Worker } from 'bullmq';
import { createConnection } from 'mysql2/promise';
import { until } from '@paddock/testing';
import type { Editor } from './editor.js';
import type { Outcome } from './figures.js';
import type { Servers } from './installation.js';
import { startChild } from './child.js';
import { KeptConnection } from './kept-connection.js';
import { promoBody } from './promos.js';
import type { ReadLoadReport } from './read-load.js';
import { delays, ms, percentile } from './statistics.js';

const PUBLISHES = 250;
const READS_PER_SECOND = 2_000;
const PAGE = '/v1/production/sites/acme-uk/layouts/plain';

/**
 * How long after its acknowledgement a publish is in the bytes of every edge, while readers ask all of them, beside what
 * it cannot do without: one commit and one hop through the queue, measured in between under the same load.
 */
export async function benchPublishing({
  editor,
  edges,
  servers,
}: {
  editor: Editor;
  edges: readonly string[];
  servers: Servers;
}): Promise<Outcome> {
  const { child } = await startChild('./read-load.js', {
    urls: edges.map((edge) => `${edge}${PAGE}`),
    perSecond: READS_PER_SECOND,
  });
  const watched = edges.map((edge) => new KeptConnection(new URL(edge)));
  const limit = await commitAndHop(servers);
  const published: number[] = [];
  const hops: number[] = [];
  const mutations: number[] = [];
  try {
    for (let number = 0; number < PUBLISHES; number += 1) {
      const title = `Published ${number} of ${PUBLISHES}`;
      const planned = await editor.plan([
        await editor.save('promo', `plain-${number % 20}`, promoBody(number, { title })),
      ]);
      const sent = performance.now();
      await editor.publish(planned);
      const acknowledged = performance.now();
      mutations.push(acknowledged - sent);
      const arrivals = await Promise.all(watched.map((edge) => arrival(edge, title)));
      published.push(Math.max(...arrivals) - acknowledged);
      hops.push(await limit.once());
    }
  } finally {
    await limit.close();
    for (const edge of watched) edge.close();
  }
  child.send('stop');
  const [report]: [ReadLoadReport] = JSON.parse(JSON.stringify(await once(child, 'message')));
  if (report.failed > 0) throw new Error(`${report.failed} of ${report.sent} reads failed while publishing`);
  return {
    figures: [
      {
        name: `publish acknowledged → new bytes at ${edges.length} edges, p99 of ${PUBLISHES}, under ${READS_PER_SECOND.toLocaleString('en')} reads/s`,
        measured: ms(percentile(published, 0.99)),
        limit: `one MariaDB commit + one BullMQ hop, p99: ${ms(percentile(hops, 0.99))}`,
        ratio: percentile(published, 0.99) / percentile(hops, 0.99),
        bar: { atMost: 10 },
      },
    ],
    observations: [
      { name: 'publish acknowledged → new bytes at every edge', value: delays(published) },
      { name: 'one commit + one hop', value: delays(hops) },
      { name: 'the mutation publishRelease itself', value: delays(mutations) },
      {
        name: 'the reads meanwhile, counted from when each was due',
        value: `${report.sent} answered, ${report.dropped} too late to be sent, p50 ${ms(report.p50Ms)}, p99 ${ms(report.p99Ms)}`,
      },
    ],
  };
}

/** When the first answer with the new title was in. */
async function arrival(edge: KeptConnection, title: string): Promise<number> {
  await until(async () => (await edge.get(PAGE)).body.includes(title), {
    everyMs: 0,
    timeoutMs: 30_000,
    what: 'the arrival of a publish',
  });
  return performance.now();
}

/** A row committed as durably as a landing is, then a job from producer to worker, both at their simplest. */
async function commitAndHop({ mysql, redis }: Servers) {
  const database = await createConnection(`${mysql.url}`);
  await database.query('CREATE DATABASE IF NOT EXISTS bench_limit');
  await database.query('CREATE TABLE bench_limit.committed (id INT PRIMARY KEY AUTO_INCREMENT, body VARCHAR(1000))');
  const { hostname: host, port, password } = new URL(redis.url);
  const connection = { host, port: Number(port), password };
  const queue = new Queue('limit', { connection, prefix: 'bench-limit' });
  let arrived: () => void = () => undefined;
  const worker = new Worker('limit', () => Promise.resolve(arrived()), {
    connection: { ...connection, maxRetriesPerRequest: null },
    prefix: 'bench-limit',
  });
  await worker.waitUntilReady();
  return {
    async once(): Promise<number> {
      const began = performance.now();
      await database.query('INSERT INTO bench_limit.committed (body) VALUES (?)', ['x'.repeat(500)]);
      const hop = new Promise<void>((resolve) => (arrived = resolve));
      await queue.add('hop', { body: 'x'.repeat(200) }, { removeOnComplete: true });
      await hop;
      return performance.now() - began;
    },
    async close(): Promise<void> {
      await worker.close(true);
      await queue.close();
      await database.end();
    },
  };
}
