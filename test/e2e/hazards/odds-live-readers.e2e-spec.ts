import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom, until } from '@paddock/testing';
import type { LiveReader } from '../live-reader.js';
import type { MarketLog } from '../market-log.js';
import { OddsWorld } from '../odds-world.js';

const CASE_MS = 120_000;

describe('readers of a live edge', () => {
  const random = seededRandom();
  let world: OddsWorld;
  let readers: LiveReader[];

  beforeAll(async () => {
    world = await OddsWorld.start(random);
  }, CASE_MS);
  beforeEach(async () => {
    await world.say('OPEN');
    const windows = [0, 100, 1_000];
    const wishes = windows.flatMap((conflateMs) =>
      (['ws', 'sse'] as const).map((transport) => ({ transport, conflateMs })),
    );
    readers = await Promise.all(wishes.map((one) => world.reader(one)));
    await until(() => readers.every(({ client }) => client.priceOf('f:e0/1', 1) !== undefined), {
      what: 'prices everywhere',
    });
  }, CASE_MS);
  afterEach(() => world.hangUp());
  afterAll(() => world.dispose(), CASE_MS);

  function expectFaultless(log: MarketLog): void {
    for (const { name, client, faults, shown } of readers) {
      expect([name, faults, client.violations]).toEqual([name, [], []]);
      expect([name, log.contradictions(shown)]).toEqual([name, []]);
      expect(shown.length).toBeGreaterThan(0);
    }
  }

  const statuses = ({ client }: LiveReader): string[] => [
    ...new Set([...client.markets.values()].map(({ st, sr }) => `${st} ${sr}`)),
  ];

  test(
    `the odds service is killed in mid-window, and for longer than prices are believed (seed ${random.seed})`,
    async () => {
      const stop = world.talk();
      await world.pass(random.integer(20, 60));
      await world.odds.kill9();
      await world.odds.start();
      await world.pass(random.integer(20, 60));
      await world.odds.kill9();
      // The current state is unknown: an edge without a log says so to every reader.
      await until(
        () =>
          readers.every((reader) =>
            statuses(reader).every((status) => status === 'SUSPENDED FEED' || status === 'SUSPENDED BETSTOP'),
          ),
        { timeoutMs: 20_000, what: 'suspended markets' },
      );
      await world.odds.start();
      await world.pass(20);
      await stop();
      const log = await world.settle();
      expectFaultless(log);
      // Their connections stayed open all the time: no reader needed a new image.
      expect(readers.map(({ answers, images }) => [answers, images])).toEqual(readers.map(() => [['IMG'], []]));
    },
    CASE_MS,
  );

  test(
    `Redis is killed and started again with its data, while some readers come and go (seed ${random.seed})`,
    async () => {
      const stop = world.talk();
      await world.pass(random.integer(20, 60));
      const leaving = readers.filter((_, index) => index >= 2);
      for (const reader of leaving.slice(0, 2)) reader.drop();
      await world.redis.kill9();
      for (const reader of leaving.slice(2)) reader.drop();
      // The edge answers from memory.
      await Promise.all(leaving.map((reader) => reader.connect()));
      await until(() => leaving.every(({ answers }) => answers.length === 2), {
        what: 'answers while Redis is unreachable',
      });
      await world.redis.start();
      await world.pass(30);
      for (const reader of leaving) reader.drop();
      await world.pass(10);
      await Promise.all(leaving.map((reader) => reader.connect()));
      await stop();
      expectFaultless(await world.settle());
      // They were sent exactly what they missed, or that they must start from a new image.
      for (const { answers } of leaving)
        expect(answers).toEqual([
          'IMG',
          expect.stringMatching(/^RESUB$|^IMG EPOCH$/),
          expect.stringMatching(/^RESUB$|^IMG (EPOCH|RETENTION)$/),
        ]);
    },
    CASE_MS,
  );

  test(
    `Redis comes back empty: a new history, and every reader is notified (seed ${random.seed})`,
    async () => {
      const stop = world.talk();
      await world.pass(random.integer(20, 60));
      const [first] = readers;
      await world.redis.flush();
      await world.redis.kill9();
      first?.drop();
      await world.redis.start();
      await world.pass(30);
      await first?.connect();
      await stop();
      await world.settle();
      for (const { name, faults, client } of readers) expect([name, faults, client.violations]).toEqual([name, [], []]);
      // A reader that returned before the edge knew is notified like those that stayed.
      for (const { answers, images } of readers) expect([...answers.slice(1), ...images]).toContain('IMG EPOCH');
    },
    CASE_MS,
  );
});
