import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { asciiColumn, counterColumn, exactJsonColumn, sha256Column, timeColumn } from '@paddock/mysql';

/** One deed. `hash` = SHA-256 of `prevHash` and the canonical JSON of everything else in the row. */
@Entity('audit_entry')
@Index('audit_entry_target', ['targetType', 'targetId'])
@Index('audit_entry_at', ['at'])
export class AuditEntryRow {
  /** Gap-free from 1. */
  @PrimaryColumn(counterColumn) number: number;
  @Column(timeColumn) at: Date;
  /** A user's or API token's id, or `system`. */
  @Column(asciiColumn(60)) actor: string;
  @Column(asciiColumn(60)) action: string;
  @Column(asciiColumn(40)) targetType: string;
  @Column({ ...asciiColumn(200), nullable: true }) targetId: string | null;
  @Column(exactJsonColumn) details: string;
  @Column({ ...asciiColumn(100), nullable: true }) requestId: string | null;
  @Column(sha256Column) prevHash: string;
  @Column(sha256Column) hash: string;
}

/** The end of the chain; its row lock is what gives entries their order. */
@Entity('audit_chain')
export class AuditChainRow {
  @PrimaryColumn('tinyint', { unsigned: true }) id: number;
  @Column(counterColumn) number: number;
  @Column(sha256Column) hash: string;
}

/** A signed head of the chain: its statement and its signature. Rows are only added. */
@Entity('audit_head')
export class AuditHeadRow {
  /** Gap-free from 1. */
  @PrimaryColumn(counterColumn) sequence: number;
  /** Canonical JSON of a `HeadStatement`: the bytes that are signed. */
  @Column(exactJsonColumn) statement: string;
  @Column(asciiColumn(16)) keyId: string;
  /** Ed25519, in base64. */
  @Column(asciiColumn(88)) signature: string;
}
