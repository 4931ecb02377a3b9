import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ReleaseType } from '@paddock/contracts';
import {
  asciiColumn,
  counterColumn,
  exactJsonColumn,
  idColumn,
  sha256Column,
  textColumn,
  timeColumn,
} from '@paddock/mysql';

export const RELEASE_STATES = ['DRAFT', 'SCHEDULED', 'PAUSED', 'LANDED', 'DROPPED'] as const;
export type ReleaseState = (typeof RELEASE_STATES)[number];

@Entity('environment')
export class EnvironmentRow {
  @PrimaryColumn(asciiColumn(40)) name: string;
  /** Names this history of the environment; see `Head.epoch`. */
  @Column(idColumn) epoch: string;
  @Column(counterColumn) headSeq: number;
  @Column(sha256Column) stateHash: string;
  @Column(counterColumn) settingsVersion: number;
  @Column('boolean') anonymousReads: boolean;
  @Column(timeColumn) createdAt: Date;
}

/** While one is open, nothing lands in its environment except rollbacks. */
@Entity('freeze_window')
@Index('freeze_window_environment', ['environment', 'endsAt'])
export class FreezeWindowRow {
  @PrimaryColumn(idColumn) id: string;
  @Column(asciiColumn(40)) environment: string;
  @Column(timeColumn) startsAt: Date;
  @Column(timeColumn) endsAt: Date;
  @Column(textColumn(300)) reason: string;
}

@Entity('release')
@Index('release_seq', ['environment', 'seq'], { unique: true })
@Index('release_state', ['environment', 'state', 'id'])
@Index('release_due', ['state', 'scheduledAt'])
export class ReleaseRow {
  @PrimaryColumn(idColumn) id: string;
  @Column(asciiColumn(40)) environment: string;
  /** The gap-free number within the environment; set when it lands. */
  @Column({ ...counterColumn, nullable: true }) seq: number | null;
  @Column(asciiColumn(20)) type: ReleaseType;
  @Column(asciiColumn(20)) state: ReleaseState;
  @Column(textColumn(300)) title: string;
  @Column(textColumn(1000)) reason: string;
  @Column(idColumn) authorId: string;
  @Column(timeColumn) createdAt: Date;
  @Column({ ...timeColumn, nullable: true }) landedAt: Date | null;
  @Column({ ...idColumn, nullable: true }) landedBy: string | null;
  /** State hash of the environment after it landed. */
  @Column({ ...sha256Column, nullable: true }) stateHash: string | null;
  /** The release that this one rolls back. */
  @Column({ ...idColumn, nullable: true }) revertsId: string | null;
  @Column({ ...timeColumn, nullable: true }) scheduledAt: Date | null;
  @Column({ ...asciiColumn(60), nullable: true }) scheduledZone: string | null;
  @Column({ ...idColumn, nullable: true }) scheduledBy: string | null;
  /** Why a scheduled release was paused instead of landed: its gates as JSON. */
  @Column({ ...exactJsonColumn, nullable: true }) pausedBecause: string | null;
}

@Entity('release_item')
@Index('release_item_live', ['environment', 'documentId', 'seq'])
export class ReleaseItemRow {
  @PrimaryColumn(idColumn) releaseId: string;
  @PrimaryColumn(idColumn) documentId: string;
  @Column(asciiColumn(40)) environment: string;
  /** The release's seq once landed: the live revision at S is the newest item with seq ≤ S. */
  @Column({ ...counterColumn, nullable: true }) seq: number | null;
  @Column(asciiColumn(10)) op: 'PUT' | 'REMOVE';
  /** The pinned revision; `null` for REMOVE. */
  @Column('int', { unsigned: true, nullable: true }) revision: number | null;
  /** The live revision before it landed; `null` where the document was not live. */
  @Column('int', { unsigned: true, nullable: true }) previousRevision: number | null;
}

/** Remembers which release an idempotency key of an actor landed, and for which request. */
@Entity('idempotency_key')
export class IdempotencyRow {
  /** Owner of the key; empty for keys of an older version, which had one namespace. */
  @PrimaryColumn({ ...asciiColumn(60), default: '' }) actor: string;
  @PrimaryColumn({ ...asciiColumn(200), name: 'idempotency_key' }) key: string;
  @Column(sha256Column) requestHash: string;
  @Column(idColumn) releaseId: string;
  @Column(timeColumn) createdAt: Date;
}
