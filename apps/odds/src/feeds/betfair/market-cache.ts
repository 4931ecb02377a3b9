import { PositionLadder, PriceLadder } from './ladder.js';
import type { BetfairDefinition, BetfairMarketChange, RunnerLadders } from './messages.js';

/** A runner's ladders and last values, by the rules of Betfair's stream: an absent member is unchanged. */
export class RunnerCache {
  ltp: number | null = null;
  tv = 0;
  private readonly backs = [new PriceLadder('back'), new PositionLadder(), new PositionLadder()] as const;
  private readonly lays = [new PriceLadder('lay'), new PositionLadder(), new PositionLadder()] as const;
  readonly traded = new PriceLadder('unordered');
  private ladders = false;

  constructor(
    readonly id: number,
    readonly hc: number,
  ) {}

  update({ ltp, tv, trd, atb, batb, bdatb, atl, batl, bdatl }: RunnerLadders): void {
    this.ltp = ltp ?? this.ltp;
    this.tv = tv ?? this.tv;
    this.traded.update(trd);
    this.backs[0].update(atb);
    this.backs[1].update(batb);
    this.backs[2].update(bdatb);
    this.lays[0].update(atl);
    this.lays[1].update(batl);
    this.lays[2].update(bdatl);
    this.ladders ||= [atb, batb, bdatb, atl, batl, bdatl].some((points) => points !== undefined && points !== null);
  }

  /** Best price available to back: of the full ladder where one is sent, else of the best offers, else of the display ones. */
  get back() {
    return this.backs.find(({ depth }) => depth > 0)?.best;
  }

  get lay() {
    return this.lays.find(({ depth }) => depth > 0)?.best;
  }

  get backDepth(): number {
    return this.backs.find(({ depth }) => depth > 0)?.depth ?? 0;
  }

  get layDepth(): number {
    return this.lays.find(({ depth }) => depth > 0)?.depth ?? 0;
  }

  /** The price that a bettor can take; data without ladders (Betfair's BASIC) have only the last traded price. */
  get takeable(): number | null {
    return this.ladders ? (this.back?.price ?? null) : this.ltp;
  }
}

/** A market as the stream has described it so far. */
export class MarketCache {
  definition: BetfairDefinition | undefined;
  tv = 0;
  readonly runners = new Map<string, RunnerCache>();

  constructor(readonly id: string) {}

  update({ marketDefinition, rc, tv }: BetfairMarketChange): void {
    this.tv = tv ?? this.tv;
    if (marketDefinition) this.definition = marketDefinition;
    for (const ladders of rc ?? []) this.runner(ladders.id, ladders.hc ?? 0).update(ladders);
    for (const { id, hc } of marketDefinition?.runners ?? []) this.runner(id, hc ?? 0);
  }

  runner(id: number, hc: number): RunnerCache {
    const key = `${id}/${hc}`;
    let runner = this.runners.get(key);
    if (!runner) this.runners.set(key, (runner = new RunnerCache(id, hc)));
    return runner;
  }
}
