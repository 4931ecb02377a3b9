import { randomUUID } from 'node:crypto';
import { connectRedisEventLog, Producer, type Topic } from '@paddock/eventlog';

/**
 * How fast the event log takes and gives records on this machine: `node dist/bench/event-log.js redis://127.0.0.1:6379`.
 * Every line is a figure of this run; the records are dropped at its end.
 */
const url = new URL(process.argv[2] ?? 'redis://127.0.0.1:6379');
const RECORDS = 1_000_000;
const VALUE = JSON.stringify({ type: 'price', market: '1.241629436', runner: 58805, price: 2380, at: 1743511672980 });

const log = await connectRedisEventLog({ url, prefix: `bench-${randomUUID()}`, onError: () => undefined });
const topic: Topic = { name: 'bench', partitions: 4, retention: { ms: 60_000, bytes: 64 << 20 } };
const keys = Array.from({ length: 1_000 }, (_, at) => `event-${at}`);
const key = (at: number): string => keys[at % keys.length] ?? '';

async function measured(what: string, records: number, work: () => Promise<unknown>): Promise<void> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `${what}: ${Math.round(records / seconds).toLocaleString('en')} records/s, ${((user + system) / 1e6).toFixed(2)} CPU s here in ${seconds.toFixed(2)} s`,
  );
}

await measured(`append through a producer, ${VALUE.length} bytes each`, RECORDS, async () => {
  const producer = new Producer(log, topic);
  for (let at = 0; at < RECORDS; at += 1) {
    const appended = producer.send({ key: key(at), value: VALUE });
    if (producer.bufferedBytes > 4 << 20) await appended;
  }
  await producer.flush();
});

await measured('append in calls of 1,000, one after the other', 200_000, async () => {
  for (let at = 0; at < 200_000; at += 1_000)
    await log.append(
      topic,
      Array.from({ length: 1_000 }, (_, offset) => ({ key: key(at + offset), value: VALUE })),
    );
});

let read = 0;
const held = (await log.bounds(topic)).map(({ first, last }) => (first && last ? 1 + log.compare(last, first) : 0));
await measured(
  'read back, from the first record',
  held.reduce((sum, count) => sum + count, 0),
  async () => {
    const ends = await log.bounds(topic);
    const open = new Set(ends.flatMap(({ last }, partition) => (last ? [partition] : [])));
    const done = Promise.withResolvers<null>();
    const follower = log.follow(topic, {
      from: 'first',
      limit: 5_000,
      records: (records, partition) => {
        read += records.length;
        const [at, end] = [records.at(-1)?.position, ends[partition]?.last];
        if (at && end && log.compare(at, end) >= 0) open.delete(partition);
        if (open.size === 0) done.resolve(null);
      },
      lost: () => Promise.resolve(undefined),
      onError: (error) => done.reject(error),
    });
    await done.promise;
    await follower.close();
  },
);
if (read !== held.reduce((sum, count) => sum + count, 0)) throw new Error(`read ${read} of ${held.join(' + ')}`);

const delays: number[] = [];
const arrivals = new Map<string, (value: number) => void>();
const follower = log.follow(topic, {
  from: 'next',
  records: (records) => records.forEach(({ value }) => arrivals.get(value.toString())?.(performance.now())),
  lost: () => Promise.resolve(undefined),
  onError: (error) => console.error(error),
});
await new Promise((resolve) => setTimeout(resolve, 500));
for (let at = 0; at < 2_000; at += 1) {
  const arrived = new Promise<number>((resolve) => arrivals.set(`single ${at}`, resolve));
  const begun = performance.now();
  await log.append(topic, [{ key: key(at), value: `single ${at}` }]);
  delays.push((await arrived) - begun);
}
await follower.close();
delays.sort((a, b) => a - b);
console.log(`one record, append to reader: p50 ${delays[1_000]?.toFixed(2)} ms, p99 ${delays[1_980]?.toFixed(2)} ms`);
await log.trim({ ...topic, retention: { ms: 0, bytes: 0 } });
await log.close();
