import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { KindName } from '@paddock/contracts';
import { asciiColumn, counterColumn, idColumn, searchedTextColumn, sha256Column, timeColumn } from '@paddock/mysql';

/** The {@link DocumentStateRow.place} of drafts. No environment has an empty name. */
export const DRAFT = '';

/**
 * Facts of a body for lists, extracted once: bodies are named by their hash and never change. Derived from drafts and
 * revisions, and rebuilt from them where a row is missing; see `listing-backfill.ts`.
 */
@Entity('document_content')
export class DocumentContentRow {
  @PrimaryColumn(idColumn) documentId: string;
  @PrimaryColumn(sha256Column) sha256: string;
  /** When its own schedule begins and ends; null where it is open. */
  @Column({ ...timeColumn, nullable: true }) startsAt: Date | null;
  @Column({ ...timeColumn, nullable: true }) endsAt: Date | null;
  /** Its audience contains no visitor: a percentage of 0. */
  @Column('boolean') unseen: boolean;
  /** Label, key and every text of the body. */
  @Index('document_content_text', { fulltext: true })
  @Column(searchedTextColumn)
  text: string;
}

/** A tag that a body has, or something that it uses: `tag:football`, `component:hero`, `promo-tag:football`, `segment:vip`. */
@Entity('document_term')
@Index('document_term_term', ['term', 'documentId', 'sha256'])
export class DocumentTermRow {
  @PrimaryColumn(idColumn) documentId: string;
  @PrimaryColumn(sha256Column) sha256: string;
  @PrimaryColumn({ type: 'varchar', length: 250, charset: 'utf8mb4', collation: 'utf8mb4_bin' }) term: string;
}

/** The draft of a document, or its live body in an environment: small rows that lists filter, sort and count. */
@Entity('document_state')
@Index('document_state_changed', ['place', 'changedAt', 'documentId'])
@Index('document_state_kind', ['place', 'kind', 'site', 'changedAt', 'documentId'])
@Index('document_state_of_kind', ['place', 'kind', 'changedAt', 'documentId'])
@Index('document_state_of_site', ['place', 'site', 'changedAt', 'documentId'])
@Index('document_state_of_author', ['place', 'author', 'changedAt', 'documentId'])
@Index('document_state_document', ['documentId'])
export class DocumentStateRow {
  /** The name of an environment; {@link DRAFT} for the draft. */
  @PrimaryColumn(asciiColumn(40)) place: string;
  @PrimaryColumn(idColumn) documentId: string;
  @Column(asciiColumn(40)) kind: KindName;
  @Column(asciiColumn(100)) site: string;
  /** Null where the document was removed from the environment. */
  @Column({ ...sha256Column, nullable: true }) sha256: string | null;
  /** The release that made it live, or removed it; null for drafts. */
  @Column({ ...counterColumn, nullable: true }) seq: number | null;
  @Column({ ...timeColumn, nullable: true }) startsAt: Date | null;
  @Column({ ...timeColumn, nullable: true }) endsAt: Date | null;
  @Column('boolean') unseen: boolean;
  /** Who saved the draft, or published it. */
  @Column(idColumn) author: string;
  /** When the draft was saved, or the release landed. */
  @Column(timeColumn) changedAt: Date;
}
