import { expect, test } from 'vitest';
import type { OddsChange } from '@paddock/contracts';
import { decide } from '../../markets/decide.js';
import { Shard } from '../../markets/shard.js';
import { MatchDay } from './match-day.js';

const BEGIN = 1_800_000_000_000;

function day(seed: number, hours: number): OddsChange[] {
  const matches = new MatchDay({ feed: 'sim', seed, matches: 6, matchMs: 600_000 }, BEGIN);
  const changes: OddsChange[] = [];
  for (let at = 0; at < hours * 3_600_000; at += 5_000) changes.push(...matches.tick(BEGIN + at));
  return changes;
}

test('the same seed gives the same day, another seed another', () => {
  const first = JSON.stringify(day(7, 0.5));
  expect(JSON.stringify(day(7, 0.5))).toBe(first);
  expect(JSON.stringify(day(8, 0.5))).not.toBe(first);
});

test('a restart continues the same matches, and settles those that ended meanwhile as they would have ended', () => {
  const options = { feed: 'sim', seed: 3, matches: 4, matchMs: 600_000 };
  const resultsOf = (changes: OddsChange[]) =>
    changes.flatMap((change) =>
      change.type === 'settlement' ? [[change.market, JSON.stringify(change.results)] as const] : [],
    );
  const through = new MatchDay(options, BEGIN);
  const whole = new Map<string, string>();
  for (let at = 0; at < 2_000_000; at += 5_000)
    for (const [market, results] of resultsOf(through.tick(BEGIN + at))) whole.set(market, results);
  const restarted = new MatchDay(options, BEGIN + 1_500_000).tick(BEGIN + 1_500_000);
  const meanwhile = resultsOf(restarted);
  expect(meanwhile.length).toBeGreaterThanOrEqual(3);
  for (const [market, results] of meanwhile) expect(results).toBe(whole.get(market));
});

test('every market opens, moves, and ends settled with one winner; goals stop betting for a while', () => {
  const changes = day(1, 3);
  const shard = new Shard('e');
  const open = new Map<string, number>();
  for (const change of changes) {
    for (const update of shard.write(decide(shard, change), { in: undefined, at: change.at })) {
      if (update.type === 'market') open.set(update.id, (open.get(update.id) ?? 0) + 1);
      if (update.type === 'settlement') expect(update.results.filter(({ result }) => result === 'WON')).toHaveLength(1);
    }
  }
  const books = [...shard.books.values()];
  const settled = books.filter(({ st }) => st === 'SETTLED');
  expect(settled.length).toBeGreaterThan(40);
  expect(books.length - settled.length).toBeLessThanOrEqual(6 * 3);
  expect(changes.filter(({ type }) => type === 'bet_stop').length).toBeGreaterThan(20);
  for (const book of books) for (const { p } of Object.values(book.runners)) expect(p).toBeGreaterThanOrEqual(1_010);
  expect(settled.filter(({ v }) => v > 20).length).toBeGreaterThan(settled.length / 2);
});
