import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { applyMarketUpdate, type MarketBook } from '@paddock/contracts';
import { referenceDataFolder } from '@paddock/testing';
import { BetfairMarkets } from '../apps/odds/src/feeds/betfair/betfair-markets.js';
import { type MarketChangeMessage, parseMessage } from '../apps/odds/src/feeds/betfair/messages.js';
import { linesOf } from '../apps/odds/src/feeds/recordings/open-recording.js';
import { decideMarket } from '../apps/odds/src/markets/decide-market.js';

/** Two hundred football markets in one image, and what changed of them later. */
const RECORDED = 'odds/limx0__betfair_parser/tests/resources/data/1.242971311.bz2';

/** The data of a third party: markets in groups, each group the answer to one request. */
export interface Board {
  readonly source: string;
  /** The markets of a group, as JSON. */
  body(group: number): string;
  /** Something changes, as it was recorded. */
  advance(): void;
}

export async function readBoard(groups: number): Promise<Board> {
  const file = join(referenceDataFolder(), RECORDED);
  if (!existsSync(file))
    return {
      source: 'twenty made-up markets (no recorded ones: PADDOCK_DATA)',
      body: () => MADE_UP,
      advance: () => undefined,
    };
  const messages: MarketChangeMessage[] = [];
  for await (const line of linesOf(file)) {
    const message = parseMessage(line);
    if (message.op === 'mcm') messages.push(message);
  }
  const board = new RecordedBoard(messages, groups);
  board.advance();
  return board;
}

const MADE_UP = JSON.stringify(
  Array.from({ length: 20 }, (_, market) => ({
    market: `1.${241_000 + market}`,
    status: 'OPEN',
    runners: [58_805, 58_806, 58_807].map((id) => ({ id, price: 2_000 + ((market * id) % 900) })),
  })),
);

/** The recording, message by message; the markets of its image take turns among the groups. */
class RecordedBoard implements Board {
  readonly source = 'the 200 recorded markets of 1.242971311, in groups of ten';
  private readonly markets = new BetfairMarkets('rec');
  private readonly books = new Map<string, MarketBook>();
  private readonly groups: Set<string>[];
  private readonly written: (string | undefined)[];
  private played = 0;

  constructor(
    private readonly messages: readonly MarketChangeMessage[],
    groups: number,
  ) {
    this.groups = Array.from({ length: groups }, () => new Set());
    this.written = Array.from({ length: groups }, () => undefined);
  }

  advance(): void {
    const message = this.messages[this.played % this.messages.length];
    this.played += 1;
    for (const change of message ? this.markets.take(message, 0) : []) {
      if (change.type !== 'market') continue;
      const before = this.books.get(change.market);
      const draft = decideMarket(before, change, { up: true, downAt: 0 });
      const book =
        draft && applyMarketUpdate(before, { ...draft, v: (before?.v ?? 0) + 1, seq: 1, epoch: 'recorded', at: 0 });
      if (!book) continue;
      if (!before) this.groups[this.books.size % this.groups.length]?.add(book.id);
      this.books.set(book.id, book);
      this.written[this.groups.findIndex((group) => group.has(book.id))] = undefined;
    }
  }

  body(group: number): string {
    return (this.written[group] ??= JSON.stringify([...(this.groups[group] ?? [])].map((id) => this.books.get(id))));
  }
}
