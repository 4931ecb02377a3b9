import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { list, ODDS_MARKETS, oddsBooksKey, Shape, type Reader, text } from '@paddock/contracts';
import type { MarketSubject } from '@paddock/visibility';
import { ARTEFACT_REDIS, REDIS_PREFIX } from '../../publishing/redis.js';

/** A market of the moment, as far as rules care. */
export interface LiveMarket extends MarketSubject {
  /** No more bets will be placed on it. */
  readonly over: boolean;
  readonly status: string;
  /** Its names in words; fields that the source does not provide are absent. */
  readonly about: MarketWords;
}

export interface MarketWords {
  readonly name?: string;
  readonly eventName?: string;
  /** RFC 3339, UTC. */
  readonly startTime?: string;
  /** Runners that have a name: teams, players, outcomes. */
  readonly runners: readonly string[];
}

/** Maximum age of a read before the next one. */
const FRESH_MS = 3_000;
/** Maximum age of a read that still counts. */
const KEPT_MS = 30_000;
const AT_ONCE = 500;
const OVER = ['CLOSED', 'SETTLED', 'CANCELLED'];

/** The markets that the odds service has at this moment, as it leaves them in Redis for readers. */
@Injectable()
export class LiveMarkets {
  private seen: { at: number; markets: readonly LiveMarket[] | undefined } | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    @Inject(ARTEFACT_REDIS) private readonly redis: Redis,
    @Inject(REDIS_PREFIX) private readonly prefix: string,
  ) {}

  /** The result of the last read; `undefined` where the markets are unknown: no odds service, no market yet, no Redis, no recent read. */
  get current(): readonly LiveMarket[] | undefined {
    return this.seen && performance.now() - this.seen.at < KEPT_MS ? this.seen.markets : undefined;
  }

  /** Reads the markets, unless the last read is recent. Never throws. */
  look(): Promise<void> {
    if (this.seen && performance.now() - this.seen.at < FRESH_MS) return Promise.resolve();
    this.looking ??= this.read()
      .catch(() => undefined)
      .then((markets) => {
        this.seen = { at: performance.now(), markets: markets && markets.length > 0 ? markets : undefined };
        this.looking = undefined;
      });
    return this.looking;
  }

  private async read(): Promise<LiveMarket[]> {
    const markets: LiveMarket[] = [];
    for (let partition = 0; partition < ODDS_MARKETS.partitions; partition += 1) {
      // Page by page: others want their answers too while a hundred thousand markets are read.
      let cursor = '0';
      do {
        const [next, members] = await this.redis.hscan(oddsBooksKey(this.prefix, partition), cursor, 'COUNT', AT_ONCE);
        for (let i = 0; i + 1 < members.length; i += 2)
          if (members[i] !== '') markets.push(readMarket(members[i + 1] ?? ''));
        cursor = next;
      } while (cursor !== '0');
    }
    return markets;
  }
}

function readMarket(json: string): LiveMarket {
  const book = new Shape(JSON.parse(json));
  return {
    id: book.get('id', text),
    event: book.get('event', text),
    over: OVER.includes(book.get('st', text)),
    status: book.get('st', text),
    ...book.optional('def', definition),
    about: book.optional('def', words).def ?? { runners: [] },
  };
}

const definition: Reader<NonNullable<MarketSubject['def']>> = (value, path) => {
  const def = new Shape(value, path);
  return { sport: def.get('sport', text), type: def.get('type', text), ...def.optional('competition', text) };
};

const words: Reader<MarketWords> = (value, path) => {
  const def = new Shape(value, path);
  const runners = def.optional('runners', list(runnerName)).runners ?? [];
  return {
    ...def.optional('name', text),
    ...def.optional('eventName', text),
    ...def.optional('startTime', text),
    runners: runners.filter((name) => name !== ''),
  };
};

const runnerName: Reader<string> = (value, path) => new Shape(value, path).optional('name', text).name ?? '';
