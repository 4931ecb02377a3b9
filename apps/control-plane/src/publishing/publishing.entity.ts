import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { asciiColumn, counterColumn, exactJsonColumn, sha256Column, timeColumn } from '@paddock/mysql';

/** Written in the landing transaction, one row per delivery target. The relay turns each row into a BullMQ job. */
@Entity('outbox')
@Index('outbox_delivery', ['environment', 'topic', 'version', 'target'], { unique: true })
@Index('outbox_pending', ['deliveredAt', 'id'])
export class OutboxRow {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true }) id: string;
  @Column(asciiColumn(40)) environment: string;
  /** `release`: `version` is a seq; `settings`: `version` is a settings version. */
  @Column(asciiColumn(20)) topic: 'release' | 'settings';
  @Column(counterColumn) version: number;
  /** Name of the delivery target: `artefacts` for everything that reads from Redis. */
  @Column(asciiColumn(60)) target: string;
  @Column(asciiColumn(100)) requestId: string;
  @Column({ ...asciiColumn(60), nullable: true }) traceparent: string | null;
  @Column(timeColumn) createdAt: Date;
  @Column({ ...timeColumn, nullable: true }) enqueuedAt: Date | null;
  @Column({ ...timeColumn, nullable: true }) deliveredAt: Date | null;
}

/** One running member of a consumer class, as long as its lease is renewed. */
@Entity('consumer_instance')
@Index('consumer_instance_lease', ['leaseExpiresAt'])
export class ConsumerInstanceRow {
  @PrimaryColumn(asciiColumn(60)) consumer: string;
  @PrimaryColumn(asciiColumn(100)) instance: string;
  @PrimaryColumn(asciiColumn(40)) environment: string;
  /** The newest release that it said it applied. */
  @Column(counterColumn) appliedSeq: number;
  @Column({ ...sha256Column, nullable: true }) stateHash: string | null;
  @Column(timeColumn) startedAt: Date;
  @Column(timeColumn) seenAt: Date;
  @Column(timeColumn) leaseExpiresAt: Date;
  /** The machine that it runs on; null for consumers that do not say. */
  @Column({ ...asciiColumn(253), nullable: true }) host: string | null;
  /** The version of the software that it runs; null for consumers that do not say. */
  @Column({ ...asciiColumn(60), nullable: true }) version: string | null;
}

@Entity('receipt')
export class ReceiptRow {
  @PrimaryColumn(asciiColumn(40)) environment: string;
  @PrimaryColumn(counterColumn) seq: number;
  @PrimaryColumn(asciiColumn(60)) consumer: string;
  @PrimaryColumn(asciiColumn(100)) instance: string;
  @Column(asciiColumn(10)) state: 'APPLIED' | 'REJECTED' | 'SKIPPED';
  @Column({ ...exactJsonColumn, nullable: true }) error: string | null;
  @Column({ ...asciiColumn(100), nullable: true }) requestId: string | null;
  @Column(timeColumn) appliedAt: Date;
  @Column('int', { unsigned: true, nullable: true }) ms: number | null;
  @Column(timeColumn) receivedAt: Date;
}
