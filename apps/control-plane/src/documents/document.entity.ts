import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { KindName } from '@paddock/contracts';
import { asciiColumn, exactJsonColumn, idColumn, sha256Column, textColumn, timeColumn } from '@paddock/mysql';

@Entity('document')
@Index('document_ref', ['kind', 'key', 'site'], { unique: true })
@Index('document_label', ['label'])
@Index('document_key', ['key'])
export class DocumentRow {
  @PrimaryColumn(idColumn) id: string;
  @Column(asciiColumn(40)) kind: KindName;
  /** `*` for all sites. */
  @Column(asciiColumn(100)) site: string;
  @Column({ ...asciiColumn(100), name: 'doc_key' }) key: string;
  /** What people call it: taken from the body by its kind, for lists and search. */
  @Column(textColumn(300)) label: string;
  @Column(timeColumn) createdAt: Date;
}

/** The editable state; exactly one per document. */
@Entity('draft')
export class DraftRow {
  @PrimaryColumn(idColumn) documentId: string;
  @Column('int', { unsigned: true }) lockVersion: number;
  @Column(exactJsonColumn) body: string;
  @Column('int', { unsigned: true }) schemaVersion: number;
  @Column(idColumn) updatedBy: string;
  /** Environments whose releases may freeze it: `*`, or names joined by commas; see `draft-environments.ts`. */
  @Column({ ...asciiColumn(2000), default: '*' }) environments: string;
  @Column(timeColumn) updatedAt: Date;
}

/** An immutable full body. `body` is canonical JSON and `sha256` its hash: the name of the blob that consumers read. */
@Entity('revision')
export class RevisionRow {
  @PrimaryColumn(idColumn) documentId: string;
  @PrimaryColumn('int', { unsigned: true }) number: number;
  @Column(exactJsonColumn) body: string;
  @Column(sha256Column) sha256: string;
  @Column('int', { unsigned: true }) schemaVersion: number;
  @Column(idColumn) authorId: string;
  @Column(textColumn(500)) message: string;
  @Column(timeColumn) createdAt: Date;
}

/**
 * A reference of a revision, so that a plan finds the documents that a change affects without reading all of them.
 * `target` is a kind and key (`promo:summer`) or a tag (`promo-tag:football`); sites are matched afterwards.
 */
@Entity('revision_reference')
@Index('revision_reference_target', ['target', 'documentId', 'revisionNumber'])
export class RevisionReferenceRow {
  @PrimaryColumn(idColumn) documentId: string;
  @PrimaryColumn('int', { unsigned: true }) revisionNumber: number;
  @PrimaryColumn(asciiColumn(150)) target: string;
}
