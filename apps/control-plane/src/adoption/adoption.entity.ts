import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AdoptionMode } from '@paddock/contracts';
import {
  asciiColumn,
  counterColumn,
  exactJsonColumn,
  idColumn,
  sha256Column,
  textColumn,
  timeColumn,
} from '@paddock/mysql';

/** A foreign database whose tables may be adopted. */
@Entity('adoption_source')
export class SourceRow {
  @PrimaryColumn({ ...asciiColumn(100), name: 'source_key' }) key: string;
  @Column(textColumn(200)) name: string;
  @Column(textColumn(253)) host: string;
  @Column('smallint', { unsigned: true }) port: number;
  @Column({ ...textColumn(64), name: 'database_name' }) database: string;
  @Column({ ...textColumn(80), name: 'user_name' }) user: string;
  /** AES-256-GCM under a key from the environment; see `source/sealed-secret.ts`. */
  @Column(asciiColumn(600)) sealedPassword: string;
  @Column('boolean') tls: boolean;
  /** May mappings write into it? */
  @Column('boolean') writable: boolean;
  @Column('int', { unsigned: true }) statementTimeoutMs: number;
  /** Tables with more adopted rows are refused. */
  @Column('int', { unsigned: true }) maxRows: number;
  @Column(timeColumn) createdAt: Date;
  @Column(timeColumn) updatedAt: Date;
}

/** Where the adoption of one table stands. One per mapping that was ever at work. */
@Entity('adopted_table')
@Index('adopted_table_source', ['source', 'tableName'])
export class AdoptedTableRow {
  @PrimaryColumn(idColumn) mappingId: string;
  @Column(asciiColumn(100)) source: string;
  @Column(textColumn(64)) tableName: string;
  @Column(asciiColumn(40)) environment: string;
  /** Of the mapping that is live; `OBSERVE` before the first. */
  @Column(asciiColumn(20)) mode: AdoptionMode;
  /** Why adoption is paused: a missing column, a refused source. */
  @Column({ ...textColumn(1000), nullable: true }) pausedBecause: string | null;
  /** What went wrong last without stopping it: a mirrored change that may not land. */
  @Column({ ...textColumn(1000), nullable: true }) problem: string | null;
  @Column({ ...timeColumn, nullable: true }) scannedAt: Date | null;
  @Column('int', { unsigned: true }) scannedRows: number;
  @Column({ ...timeColumn, nullable: true }) importedAt: Date | null;
  /** The newest release of the environment that is written back. */
  @Column(counterColumn) writtenSeq: number;
  /** When a scan last found a change by another program. */
  @Column({ ...timeColumn, nullable: true }) lastForeignChangeAt: Date | null;
  /** Hash of the columns that row hashes cover; row hashes of other columns cannot be compared. */
  @Column({ ...sha256Column, nullable: true }) columnsHash: string | null;
}

/** `UNFIT`: it cannot become a document as it is, and is not looked at again before it changes. */
export const ROW_STATES = ['PRESENT', 'GONE', 'UNFIT'] as const;

/** A row as Paddock last saw it, and the document that it is, or is a part of. */
@Entity('adopted_row')
@Index('adopted_row_document', ['documentId'])
@Index('adopted_row_state', ['mappingId', 'state'])
@Index('adopted_row_awaiting', ['mappingId', 'awaitsRelease'])
export class AdoptedRowRow {
  @PrimaryColumn(idColumn) mappingId: string;
  /** SHA-256 of the cells of the key. */
  @PrimaryColumn(sha256Column) keyHash: string;
  /** The cells of the key, in hexadecimal digits; `null` for NULL. */
  @Column(exactJsonColumn) keyCells: string;
  @Column(sha256Column) rowHash: string;
  /** `null` for a row that never became a document. */
  @Column({ ...idColumn, nullable: true }) documentId: string | null;
  /** SHA-256 of the body that the row means. */
  @Column({ ...sha256Column, nullable: true }) bodySha256: string | null;
  @Column(asciiColumn(10)) state: (typeof ROW_STATES)[number];
  /** Its change, or the removal of a deleted row, is mirrored into the draft and lands by itself. */
  @Column('boolean') awaitsRelease: boolean;
  /** Why it is unfit: the problems as JSON. */
  @Column({ ...exactJsonColumn, nullable: true }) problems: string | null;
}

/**
 * The body that Paddock last made of all rows of a gathered document. One row alone does not show it: the row may have
 * belonged to another document meanwhile.
 */
@Entity('gathered_document')
export class GatheredDocumentRow {
  @PrimaryColumn(idColumn) mappingId: string;
  @PrimaryColumn(idColumn) documentId: string;
  @Column(sha256Column) seenSha256: string;
  /** All of its rows are deleted, and the deletion was processed. */
  @Column('boolean', { default: false }) leftBehind: boolean;
}

export const WRITE_OPS = ['UPDATE', 'INSERT', 'DELETE'] as const;

/**
 * Stored before a row of a foreign database is written, and deleted afterwards: two databases share no transaction,
 * and many old tables have no transactions. After a crash, the row itself shows whether the write of an entry
 * succeeded.
 */
@Entity('row_write')
export class RowWriteRow {
  @PrimaryColumn(idColumn) mappingId: string;
  @PrimaryColumn(idColumn) documentId: string;
  @Column(asciiColumn(10)) op: (typeof WRITE_OPS)[number];
  /** The revision that is being written; `null` for a DELETE. */
  @Column('int', { unsigned: true, nullable: true }) revision: number | null;
  @Column(exactJsonColumn) keyCells: string;
  @Column(counterColumn) seq: number;
  @Column(timeColumn) preparedAt: Date;
}

/**
 * A whole row as it was when it meant some body, kept when it was about to be changed or deleted: a rollback to that body
 * puts the row back to the byte, also where two values of a column mean the same.
 */
@Entity('row_image')
export class RowImageRow {
  @PrimaryColumn(idColumn) mappingId: string;
  @PrimaryColumn(idColumn) documentId: string;
  @PrimaryColumn(sha256Column) bodySha256: string;
  /** Column → hexadecimal digits, or `null` for NULL. */
  @Column(exactJsonColumn) cells: string;
  /** Columns that the old database changed by itself when the row was written then, with what it put there; as JSON. */
  @Column({ ...exactJsonColumn, nullable: true }) changedBeside: string | null;
  @Column(timeColumn) takenAt: Date;
}

export const DEPENDENT_STATES = ['TAKEN', 'RETURNING'] as const;

/**
 * Rows of other tables, as they were when a write was about to delete or clear them through foreign keys, kept with the
 * body that the written row meant: a rollback to that body puts them back. `RETURNING` from when the row itself is put
 * back until all of them are there.
 */
@Entity('row_dependents')
@Index('row_dependents_state', ['mappingId', 'state'])
export class RowDependentsRow {
  @PrimaryColumn(idColumn) mappingId: string;
  @PrimaryColumn(idColumn) documentId: string;
  @PrimaryColumn(sha256Column) bodySha256: string;
  @Column(asciiColumn(10)) state: (typeof DEPENDENT_STATES)[number];
  /** See `packDependents`. */
  @Column({ ...exactJsonColumn, name: 'dependents' }) dependents: string;
  @Column(timeColumn) takenAt: Date;
}

/** `REFUSED`: the old database did not take a write, or stored something else than what was written. */
export const DRIFT_KINDS = ['CHANGED', 'DELETED', 'APPEARED', 'DRAFT_EDITED', 'DOES_NOT_FIT', 'REFUSED'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];
export const DRIFT_STATES = ['OPEN', 'TOOK_THEIRS', 'TOOK_OURS', 'VANISHED'] as const;
export type DriftState = (typeof DRIFT_STATES)[number];

/** A row, or the draft made of it, that was changed where Paddock did not expect it. Never overwritten, always listed. */
@Entity('drift_event')
@Index('drift_event_open', ['mappingId', 'state', 'keyHash'])
@Index('drift_event_day', ['mappingId', 'detectedAt'])
export class DriftEventRow {
  @PrimaryColumn(idColumn) id: string;
  @Column(idColumn) mappingId: string;
  @Column(sha256Column) keyHash: string;
  @Column(exactJsonColumn) keyCells: string;
  /** `null` for a row that appeared. */
  @Column({ ...idColumn, nullable: true }) documentId: string | null;
  @Column(asciiColumn(20)) kind: DriftKind;
  @Column(asciiColumn(20)) state: DriftState;
  /** The release that could not be written because of it; `null` where a scan found it. */
  @Column({ ...counterColumn, nullable: true }) seq: number | null;
  /** The values of the row by column, in readable form; `null` for a deleted row. */
  @Column({ ...exactJsonColumn, nullable: true }) theirs: string | null;
  /** What Paddock would have it hold; `null` where it would have it gone. */
  @Column({ ...exactJsonColumn, nullable: true }) ours: string | null;
  /** Hash of the row as it was found; empty for a deleted row. */
  @Column(asciiColumn(64)) theirHash: string;
  /** Writes that failed in a row since the row, or the release, was last another one. */
  @Column('int', { unsigned: true, default: 0 }) attempts: number;
  /** When the write is tried again; `null` where no release waits for it. */
  @Column({ ...timeColumn, nullable: true }) retryAt: Date | null;
  @Column(timeColumn) detectedAt: Date;
  @Column({ ...timeColumn, nullable: true }) settledAt: Date | null;
  @Column({ ...idColumn, nullable: true }) settledBy: string | null;
}

/** What happened to an adopted table on one day (UTC): who still writes it. */
@Entity('adoption_day')
export class AdoptionDayRow {
  @PrimaryColumn(idColumn) mappingId: string;
  @PrimaryColumn('date') day: string;
  /** Rows that others changed, added or deleted. */
  @Column('int', { unsigned: true }) foreignChanges: number;
  @Column('int', { unsigned: true }) drifts: number;
  /** Rows that Paddock wrote. */
  @Column('int', { unsigned: true }) writes: number;
}

export const RUN_STATES = ['RUNNING', 'DONE', 'FAILED'] as const;

/** One pass over a table on request: a dry run or an import. */
@Entity('adoption_run')
@Index('adoption_run_mapping', ['mappingId', 'id'])
export class AdoptionRunRow {
  @PrimaryColumn(idColumn) id: string;
  /** `null` where a mapping was tried that is no document yet. */
  @Column({ ...idColumn, nullable: true }) mappingId: string | null;
  /** The mapping as it was when the run began. */
  @Column(exactJsonColumn) mapping: string;
  @Column('boolean') dryRun: boolean;
  @Column(asciiColumn(10)) state: (typeof RUN_STATES)[number];
  @Column('int', { unsigned: true }) rowsTotal: number;
  @Column('int', { unsigned: true }) rowsDone: number;
  /** Documents that the rows make, and how many of them are new or changed. */
  @Column('int', { unsigned: true }) documents: number;
  @Column('int', { unsigned: true }) changed: number;
  /** Rows that cannot become documents. */
  @Column('int', { unsigned: true }) problemRows: number;
  /** The first problems and removals, as JSON. */
  @Column(exactJsonColumn) problems: string;
  @Column(exactJsonColumn) removals: string;
  /** What else writes to the table would change, as JSON; `null` in runs from before that was found out. */
  @Column({ ...exactJsonColumn, nullable: true }) sideEffects: string | null;
  /** Risks of the mapping for its user to check, as JSON; `null` in runs of versions that did not look for them. */
  @Column({ ...exactJsonColumn, nullable: true }) warnings: string | null;
  @Column({ ...textColumn(1000), nullable: true }) error: string | null;
  @Column(idColumn) startedBy: string;
  @Column(timeColumn) startedAt: Date;
  /** Renewed while it runs: one that stopped being renewed was killed. */
  @Column(timeColumn) seenAt: Date;
}
