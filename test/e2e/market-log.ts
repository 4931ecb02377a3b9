import {
  applyMarketUpdate,
  canonicalJson,
  type Json,
  type MarketBook,
  ODDS_MARKETS,
  parseOddsUpdate,
} from '@paddock/contracts';
import { type EventLog, readAll } from '@paddock/eventlog';
import type { MarketClient } from '../../apps/edge/test/market-client.js';
import type { ShownPrice } from './live-reader.js';

/** Everything that the log says of markets, read without any code of the edge. */
export class MarketLog {
  /** The current state. */
  readonly books = new Map<string, MarketBook>();
  private histories = 0;
  private partitions = 0;
  private readonly versions = new Map<string, MarketBook>();

  static async read(log: EventLog): Promise<MarketLog> {
    const read = new MarketLog();
    for (const records of await readAll(log, ODDS_MARKETS))
      read.takePartition(records.map(({ value }) => value.toString()));
    return read;
  }

  /** The state that bettors should see: live markets, prices where they are open. */
  get expected(): string {
    const live = [...this.books.values()].filter(({ st }) => st === 'OPEN' || st === 'SUSPENDED' || st === 'INACTIVE');
    return canonicalJson(
      inOrder(
        live.map(({ id, st, sr, ip, def, runners }) => [
          id,
          st,
          sr,
          ip,
          plain(def),
          inOrder(Object.entries(runners).map(([key, runner]) => [key, runner.st, st === 'OPEN' ? runner.p : null])),
        ]),
      ),
    );
  }

  /**
   * A shown price that differs from the log's for that version, or a price of a market that was not open. A killed
   * Redis may lose its last moment; then a new history begins, and the lost updates are unknown.
   */
  contradictions(shown: readonly ShownPrice[]): string[] {
    const lostItsEnd = this.histories > this.partitions;
    return shown.flatMap(({ market, v, runner, p }) => {
      const book = this.versions.get(`${market} ${v}`);
      if (!book && lostItsEnd) return [];
      if (book?.st === 'OPEN' && book.runners[runner]?.p === p) return [];
      return [
        `${market} v ${v}: ${String(p)} was shown, the log says ${book ? `${book.st} ${String(book.runners[runner]?.p)}` : 'nothing'}`,
      ];
    });
  }

  private takePartition(values: readonly string[]): void {
    let epoch: string | undefined;
    const own = new Set<string>();
    for (const value of values) {
      const update = parseOddsUpdate(value);
      if (!update) continue;
      if (update.epoch !== epoch) {
        if (epoch === undefined) this.partitions += 1;
        // A new history repeats everything: a market that it does not mention is over.
        for (const id of own) this.books.delete(id);
        this.histories += 1;
        epoch = update.epoch;
      }
      if (update.type !== 'market') continue;
      const book = applyMarketUpdate(this.books.get(update.id), update);
      if (!book) continue;
      own.add(update.id);
      this.books.set(update.id, book);
      this.versions.set(`${update.id} ${book.v}`, book);
    }
  }
}

/** The same of a client. */
export function heldBy({ markets }: MarketClient): string {
  return canonicalJson(
    inOrder(
      [...markets].map(([id, { st, sr, ip, def, runners }]) => [
        id,
        st,
        sr ?? null,
        ip,
        def,
        inOrder([...runners].map(([key, runner]) => [key, runner['st'] ?? null, runner['p'] ?? null])),
      ]),
    ),
  );
}

function inOrder(rows: readonly [string, ...Json[]][]): Json[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
}

function plain(value: object | undefined): Json {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}
