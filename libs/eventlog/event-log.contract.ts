import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '@paddock/testing';
import { Fenced, GroupActive, PositionLost, RecordTooLarge } from './errors.js';
import type { Delivery, EventLog, Lease, LogRecord, Member, MemberOptions } from './event-log.js';
import { partitionOf, type Topic } from './topic.js';

/** A member whose process pauses for longer loses its partitions, and their records are delivered again. */
const LEASE_MS = 3_000;

const texts = (records: readonly LogRecord[]): string[] => records.map(({ value }) => value.toString());

const numbered = (count: number, keys: number): { key: string; value: string }[] =>
  Array.from({ length: count }, (_, at) => ({ key: `key-${at % keys}`, value: String(at) }));

/** The tests that every adapter of the event log must pass. `connect` opens further clients of the same log, like other processes. */
export function eventLogContract(
  name: string,
  open: () => Promise<{ connect(): Promise<EventLog>; dispose(): Promise<void> }>,
): void {
  describe(name, () => {
    let place: Awaited<ReturnType<typeof open>>;
    let log: EventLog;
    let topic: Topic;
    const errors: unknown[] = [];

    beforeEach(async () => {
      errors.length = 0;
      place = await open();
      log = await place.connect();
      topic = { name: `test.${randomUUID()}`, partitions: 4, retention: { ms: 3_600_000, bytes: 64 << 20 } };
    });
    afterEach(async () => {
      await log.close();
      await place.dispose();
    });

    const join = (
      view: EventLog,
      records: (delivery: Delivery) => Promise<void>,
      more: Partial<MemberOptions> = {},
    ): Member =>
      view.join(topic, 'group', {
        records,
        lost: (partition) => errors.push(new Error(`lost ${partition}`)),
        onError: (error) => errors.push(error),
        leaseMs: LEASE_MS,
        ...more,
      });

    const readAll = async (partition: number, limit = 1_000): Promise<LogRecord[]> => {
      const all: LogRecord[] = [];
      for (;;) {
        const after = all.at(-1)?.position;
        const records = await log.read(topic, partition, { ...(after ? { after } : {}), limit });
        if (records.length === 0) return all;
        all.push(...records);
      }
    };

    describe('appending and reading', () => {
      test('keeps order per key, bytes, and one partition per key', async () => {
        const records = numbered(2_500, 7);
        const positions = await log.append(topic, records);
        expect(positions).toHaveLength(records.length);
        const read = (await Promise.all([0, 1, 2, 3].map((partition) => readAll(partition)))).flat();
        expect(read).toHaveLength(records.length);
        for (const { key, value, partition, position } of read) {
          expect(partition).toBe(partitionOf(topic, key));
          expect(positions[Number(value)]).toBe(position);
        }
        for (let key = 0; key < 7; key += 1) {
          const ofKey = texts(read.filter((record) => record.key === `key-${key}`)).map(Number);
          expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
        }
      });

      test('keeps any bytes and an empty value', async () => {
        const bytes = Buffer.from([0, 255, 10, 13, 0]);
        await log.append(topic, [
          { key: 'ключ', value: bytes, partition: 2 },
          { key: '', value: '', partition: 2 },
        ]);
        const read = await readAll(2);
        expect(read.map(({ key, value }) => [key, [...value]])).toEqual([
          ['ключ', [...bytes]],
          ['', []],
        ]);
      });

      test('reads in portions of any size, from any position, and again', async () => {
        await log.append(
          topic,
          numbered(500, 1).map((record) => ({ ...record, partition: 0 })),
        );
        await log.append(topic, [{ key: 'late', value: 'late', partition: 0 }]);
        const all = await readAll(0);
        expect(texts(await readAll(0, 7))).toEqual(texts(all));
        for (const at of [0, 1, 250, 499]) {
          const after = all[at]?.position;
          if (!after) throw new Error('too few records');
          expect(texts(await log.read(topic, 0, { after, limit: 3 }))).toEqual(texts(all.slice(at + 1, at + 4)));
        }
      });

      test('compares positions within their partition', async () => {
        await log.append(
          topic,
          numbered(50, 1).map((record) => ({ ...record, partition: 1 })),
        );
        await log.append(
          topic,
          numbered(50, 1).map((record) => ({ ...record, partition: 1 })),
        );
        const positions = (await readAll(1)).map(({ position }) => position);
        for (let at = 1; at < positions.length; at += 1) {
          const [before, now] = [positions[at - 1], positions[at]];
          if (!before || !now) throw new Error('too few records');
          expect(log.compare(before, now)).toBeLessThan(0);
          expect(log.compare(now, before)).toBeGreaterThan(0);
          expect(log.compare(now, now)).toBe(0);
        }
      });

      test('refuses a record that is too large, and appends nothing of that call', async () => {
        const records = [
          { key: 'a', value: 'small', partition: 0 },
          { key: 'b', value: Buffer.alloc(2 << 20), partition: 0 },
        ];
        await expect(log.append(topic, records)).rejects.toThrow(RecordTooLarge);
        expect(await readAll(0)).toEqual([]);
      });

      test('keeps its identity over connections', async () => {
        const other = await place.connect();
        expect(await other.identity(topic)).toBe(await log.identity(topic));
        if (other !== log) await other.close();
      });
    });

    describe('retention', () => {
      test('bounds what a partition holds, and says so to a late reader', async () => {
        const small: Topic = { ...topic, partitions: 1, retention: { ms: 3_600_000, bytes: 200_000 } };
        const [first] = await log.append(small, [{ key: 'k', value: 'first' }]);
        for (let round = 0; round < 40; round += 1)
          await log.append(
            small,
            Array.from({ length: 40 }, () => ({ key: 'k', value: Buffer.alloc(1_000, round) })),
          );
        await log.trim(small);
        const [bounds] = await log.bounds(small);
        const held = await readAll(0);
        const bytes = held.reduce((sum, { value }) => sum + value.length, 0);
        expect(bytes).toBeLessThan(300_000);
        expect(bytes).toBeGreaterThan(100_000);
        expect(held[0]?.position).toBe(bounds?.first);
        expect(held.at(-1)?.value[0]).toBe(39);
        if (!first) throw new Error('nothing appended');
        await expect(log.read(small, 0, { after: first, limit: 10 })).rejects.toThrow(PositionLost);
      });

      test('drops what is too old', async () => {
        const brief: Topic = { ...topic, partitions: 1, retention: { ms: 50, bytes: 64 << 20 } };
        await log.append(brief, [{ key: 'k', value: 'old' }]);
        await until(async () => {
          await log.trim(brief);
          return (await log.read(brief, 0, { limit: 10 })).length === 0;
        });
        await log.append(brief, [{ key: 'k', value: 'new' }]);
        expect(texts(await log.read(brief, 0, { limit: 10 }))).toEqual(['new']);
      });
    });

    describe('following', () => {
      test('gives everything from the first record on, then what comes, in order', async () => {
        const seen = new Map<number, string[]>();
        await log.append(topic, numbered(100, 9));
        const follower = log.follow(topic, {
          from: 'first',
          records: (records, partition) =>
            void seen.set(partition, [...(seen.get(partition) ?? []), ...texts(records)]),
          lost: () => Promise.resolve(undefined),
          onError: (error) => errors.push(error),
        });
        await log.append(topic, numbered(100, 9));
        await until(() => [...seen.values()].flat().length === 200);
        await follower.close();
        for (const partition of [0, 1, 2, 3])
          expect(seen.get(partition) ?? []).toEqual(texts(await readAll(partition)));
        expect(errors).toEqual([]);
      });

      test('begins after the positions given, and gives records again when they were not taken', async () => {
        await log.append(
          topic,
          numbered(10, 1).map((record) => ({ ...record, partition: 3 })),
        );
        const after = (await readAll(3))[5]?.position;
        if (!after) throw new Error('too few records');
        const seen: string[] = [];
        let refused = false;
        const follower = log.follow(topic, {
          from: new Map([[3, after]]),
          records: (records) => {
            if (!refused) {
              refused = true;
              throw new Error('not now');
            }
            seen.push(...texts(records));
          },
          lost: () => Promise.resolve(undefined),
          onError: (error) => errors.push(error),
        });
        await until(() => seen.length === 4);
        await follower.close();
        expect(seen).toEqual(['6', '7', '8', '9']);
        expect(errors).toEqual([new Error('not now')]);
      });

      test('asks where to continue when the wanted records are gone', async () => {
        const small: Topic = { ...topic, partitions: 1, retention: { ms: 3_600_000, bytes: 1_000 } };
        const [first] = await log.append(small, [{ key: 'k', value: 'first' }]);
        for (let round = 0; round < 10; round += 1)
          await log.append(small, [{ key: 'k', value: Buffer.alloc(900, round) }]);
        await log.trim(small);
        if (!first) throw new Error('nothing appended');
        const lost: number[] = [];
        const seen: number[] = [];
        const follower = log.follow(small, {
          from: new Map([[0, first]]),
          records: (records) => records.forEach(({ value }) => seen.push(value[0] ?? -1)),
          lost: (partition) => {
            lost.push(partition);
            return Promise.resolve(undefined);
          },
          onError: (error) => errors.push(error),
        });
        await until(() => seen.at(-1) === 9);
        await follower.close();
        expect(lost).toEqual([0]);
      });
    });

    describe('a group', () => {
      test('delivers every record once per group while nothing fails, and nothing again after acknowledging', async () => {
        const seen: string[] = [];
        const take = (delivery: Delivery): Promise<void> => {
          seen.push(...texts(delivery.records));
          return Promise.resolve();
        };
        await log.append(topic, numbered(300, 11));
        const member = join(log, take);
        await until(() => seen.length === 300);
        await until(async () => (await log.lag(topic, 'group')).every((lag) => lag === 0));
        await member.leave();
        await log.append(topic, [{ key: 'more', value: 'more' }]);
        expect((await log.lag(topic, 'group')).reduce((sum, lag) => sum + lag, 0)).toBe(1);
        const next = join(log, take);
        await until(() => seen.length === 301);
        await next.leave();
        expect(seen.at(-1)).toBe('more');
        expect(errors).toEqual([]);
      });

      test('redelivers the same records, in order, when a member could not take them', async () => {
        const attempts: { attempt: number; first: string | undefined }[] = [];
        const seen: string[] = [];
        await log.append(topic, numbered(20, 1));
        const member = join(
          log,
          ({ records, attempt }) => {
            attempts.push({ attempt, first: texts(records)[0] });
            if (attempt < 3) return Promise.reject(new Error('poison'));
            seen.push(...texts(records));
            return Promise.resolve();
          },
          { limit: 20 },
        );
        await until(() => seen.length === 20);
        await member.leave();
        expect(seen).toEqual(numbered(20, 1).map(({ value }) => value));
        expect(attempts.slice(0, 3)).toEqual([1, 2, 3].map((attempt) => ({ attempt, first: '0' })));
      });

      test('spreads over its members as they join and leave, without two owners and without loss', async () => {
        const views = await Promise.all([place.connect(), place.connect()]);
        const busy = new Set<number>();
        let overlaps = 0;
        const seen = new Map<string, number>();
        const records = async (delivery: Delivery): Promise<void> => {
          if (busy.has(delivery.lease.partition)) overlaps += 1;
          busy.add(delivery.lease.partition);
          await new Promise((resolve) => setTimeout(resolve, 2));
          busy.delete(delivery.lease.partition);
          for (const text of texts(delivery.records)) seen.set(text, (seen.get(text) ?? 0) + 1);
        };
        const first = join(log, records, { limit: 5 });
        await until(() => first.partitions.length === 4);
        const others = views.map((view) => join(view, records, { limit: 5 }));
        for (let round = 0; round < 20; round += 1) {
          await log.append(
            topic,
            numbered(50, 50).map(({ key, value }) => ({ key, value: `${round}/${value}` })),
          );
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        await until(
          () =>
            [first, ...others]
              .map(({ partitions }) => partitions.length)
              .toSorted()
              .join() === '1,1,2',
        );
        await first.leave();
        await until(() => others.every(({ partitions }) => partitions.length === 2));
        await until(async () => (await log.lag(topic, 'group')).every((lag) => lag === 0));
        await Promise.all(others.map((member) => member.leave()));
        expect(seen.size).toBe(1_000);
        expect([...seen.values()].every((times) => times === 1)).toBe(true);
        expect(overlaps).toBe(0);
        await Promise.all(views.filter((view) => view !== log).map((view) => view.close()));
      });

      test('fences a member that lost a partition: its acknowledgements and appends are refused', async () => {
        await log.append(topic, [{ key: 'k', value: 'v', partition: 0 }]);
        let old: Lease | undefined;
        const first = join(log, ({ lease }) => {
          old ??= lease;
          return Promise.resolve();
        });
        const lease = await until(() => old);
        await expect(log.append(topic, [{ key: 'k', value: 'mine', partition: 0 }], { lease })).resolves.toHaveLength(
          1,
        );
        const other: Topic = { ...topic, name: `${topic.name}.other` };
        const everywhere = [0, 1, 2, 3].map((partition) => ({ key: 'k', value: 'mine', partition }));
        await expect(log.append(other, everywhere, { lease })).resolves.toHaveLength(4);
        await first.leave();
        const second = join(log, () => Promise.resolve());
        await until(() => second.partitions.length === 4);
        await expect(log.append(other, everywhere, { lease })).rejects.toThrow(Fenced);
        const before = await readAll(0);
        await expect(log.append(topic, [{ key: 'k', value: 'too late', partition: 0 }], { lease })).rejects.toThrow(
          Fenced,
        );
        expect(await readAll(0)).toEqual(before);
        await second.leave();
      });

      test('restarts at a given position, but only without members', async () => {
        const seen: string[] = [];
        const take = (delivery: Delivery): Promise<void> => {
          seen.push(...texts(delivery.records));
          return Promise.resolve();
        };
        await log.append(topic, numbered(40, 3));
        const member = join(log, take);
        await until(async () => (await log.lag(topic, 'group')).every((lag) => lag === 0));
        await expect(log.rewind(topic, 'group', 'first')).rejects.toThrow(GroupActive);
        await member.leave();
        await log.rewind(topic, 'group', 'first');
        const again = join(log, take);
        await until(() => seen.length === 80);
        await again.leave();
        expect(seen.slice(40).toSorted()).toEqual(seen.slice(0, 40).toSorted());
      });

      test('leaves acknowledging to those who ask for it, and lets them choose where to begin', async () => {
        await log.append(
          topic,
          numbered(10, 1).map((record) => ({ ...record, partition: 2 })),
        );
        const all = await readAll(2);
        const seen: string[] = [];
        const member = join(
          log,
          async ({ records, lease }) => {
            seen.push(...texts(records));
            const fifth = records[4];
            if (fifth) await member.acknowledge(lease, fifth.position);
          },
          {
            autoAcknowledge: false,
            assigned: (lease) => Promise.resolve(lease.partition === 2 ? all[1]?.position : undefined),
          },
        );
        await until(() => seen.length === 8);
        await until(async () => (await log.acknowledged(topic, 'group'))[2] === all[6]?.position);
        await member.leave();
        expect(await log.lag(topic, 'group')).toEqual([0, 0, 3, 0]);
      });
    });
  });
}
