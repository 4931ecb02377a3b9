import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asciiColumn, counterColumn, exactJsonColumn, timeColumn } from '@paddock/mysql';

/** Which records the books of a partition contain: a restarted service continues after them. */
@Entity('odds_shard')
export class ShardRow {
  @PrimaryColumn({ type: 'smallint', unsigned: true }) shard: number;
  @Column(asciiColumn(36)) epoch: string;
  @Column(counterColumn) seq: number;
  /** Identity of the event log's topic `odds.markets`, and the position in it. */
  @Column({ ...asciiColumn(64), name: 'markets_identity' }) marketsIdentity: string;
  @Column({ ...asciiColumn(100), name: 'markets_position', nullable: true }) marketsPosition: string | null;
  /** The same of `odds.changes`. */
  @Column({ ...asciiColumn(64), name: 'changes_identity' }) changesIdentity: string;
  @Column({ ...asciiColumn(100), name: 'changes_position', nullable: true }) changesPosition: string | null;
  /** Token of the lease under which it was written, and the log that counts tokens: a previous owner is refused. */
  @Column(counterColumn) token: number;
  /** JSON: feed → state. */
  @Column(exactJsonColumn) feeds: string;
  @Column(timeColumn) updated: Date;
}

/** The newest book of a market. */
@Entity('odds_market')
@Index('odds_market_shard', ['shard', 'finished'])
@Index('odds_market_event', ['event'])
@Index('odds_market_sport', ['sport', 'status'])
export class MarketRow {
  @PrimaryColumn(asciiColumn(190)) id: string;
  @Column({ type: 'smallint', unsigned: true }) shard: number;
  @Column(asciiColumn(100)) feed: string;
  @Column(asciiColumn(190)) event: string;
  @Column({ ...asciiColumn(100), nullable: true }) sport: string | null;
  @Column(asciiColumn(10)) status: string;
  @Column({ type: 'int', unsigned: true }) v: number;
  /** `MarketBook` as JSON. */
  @Column(exactJsonColumn) book: string;
  /** When it was over; null while it is not. */
  @Column({ ...timeColumn, nullable: true }) finished: Date | null;
  @Column(timeColumn) updated: Date;
}

/** One revision of a market's settlement, as in the log; never changed. */
@Entity('odds_settlement')
export class SettlementRow {
  @PrimaryColumn(asciiColumn(190)) market: string;
  @PrimaryColumn({ type: 'int', unsigned: true }) revision: number;
  @Column(asciiColumn(190)) event: string;
  @Column(asciiColumn(20)) state: string;
  /** `SettlementRecord` as JSON. */
  @Column(exactJsonColumn) record: string;
  @Column(timeColumn) at: Date;
}

/** The current result of each runner; no row without a result. */
@Entity('odds_result')
export class ResultRow {
  @PrimaryColumn(asciiColumn(190)) market: string;
  @PrimaryColumn(asciiColumn(100)) runner: string;
  @Column({ type: 'int', unsigned: true }) revision: number;
  @Column(asciiColumn(10)) result: string;
  @Column({ name: 'void_factor', type: 'double', nullable: true }) voidFactor: number | null;
  @Column({ name: 'dead_heat_factor', type: 'double', nullable: true }) deadHeatFactor: number | null;
}

/** The prices of a runner within a minute, later within an hour: first, highest, lowest and last, in thousandths. */
@Entity('odds_price')
@Index('odds_price_age', ['seconds', 'begin'])
export class PriceRow {
  @PrimaryColumn(asciiColumn(190)) market: string;
  @PrimaryColumn(asciiColumn(100)) runner: string;
  /** Length of the span: 60 or 3,600. */
  @PrimaryColumn({ type: 'smallint', unsigned: true }) seconds: number;
  @PrimaryColumn(timeColumn) begin: Date;
  @Column({ type: 'int', unsigned: true }) open: number;
  @Column({ type: 'int', unsigned: true }) high: number;
  @Column({ type: 'int', unsigned: true }) low: number;
  @Column({ type: 'int', unsigned: true }) close: number;
}

export const ODDS_ENTITIES = [ShardRow, MarketRow, SettlementRow, ResultRow, PriceRow];
