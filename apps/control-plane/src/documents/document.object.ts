import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { KindName } from '#contracts';
import { ConnectionOf } from '../graphql/connection.js';
import { JsonScalar } from '../graphql/scalars.js';
import type { BodyChange } from './diff.js';
import type { DocumentRow, DraftRow, RevisionRow } from './document.entity.js';
import { Kind } from './kind.enum.js';
import { Stored } from './stored.js';

@ObjectType({ description: 'The editable state of a document.' })
export class Draft extends Stored {
  @Field(() => Int, { description: 'Send it back with the next save; a save with another one is refused as stale.' })
  lockVersion: number;

  @Field() updatedAt: Date;

  documentId: string;
  site: string;

  static of(document: DocumentRow, row: DraftRow): Draft {
    const { lockVersion, updatedAt, documentId } = row;
    return Object.assign(new Draft(), {
      lockVersion,
      updatedAt,
      documentId,
      kind: document.kind,
      site: document.site,
      stored: row.body,
    });
  }
}

@ObjectType({ description: 'One difference between two bodies.' })
export class Change {
  @Field({ description: 'Where: `cta.href`, `slots[hero].items[promo=summer]`; empty for the whole body.' })
  path: string;
  @Field({ description: 'ADD, REMOVE, CHANGE or MOVE.' }) op: string;
  @Field(() => JsonScalar, { nullable: true }) before: unknown;
  @Field(() => JsonScalar, { nullable: true }) after: unknown;

  static of(change: BodyChange): Change {
    return Object.assign(new Change(), {
      path: change.path,
      op: change.op,
      before: change.before ?? null,
      after: change.after ?? null,
    });
  }
}

@ObjectType({ description: 'An immutable full body of a document.' })
export class Revision extends Stored {
  @Field(() => Int) number: number;
  @Field({ description: 'SHA-256 of the canonical JSON of the body; the name of the blob that consumers read.' })
  sha256: string;
  @Field(() => Int) schemaVersion: number;
  @Field() message: string;
  @Field() createdAt: Date;

  documentId: string;
  site: string;
  authorId: string;

  static of(document: Pick<DocumentRow, 'kind' | 'site'>, row: RevisionRow): Revision {
    const { number, sha256, schemaVersion, message, createdAt, documentId, authorId } = row;
    return Object.assign(new Revision(), {
      ...{ number, sha256, schemaVersion, message, createdAt, documentId, authorId },
      kind: document.kind,
      site: document.site,
      stored: row.body,
    });
  }
}

@ObjectType()
export class RevisionConnection extends ConnectionOf(Revision) {}

@ObjectType({ description: 'What is live of a document in an environment.' })
export class LiveRevision extends Stored {
  @Field(() => Int) number: number;
  @Field() sha256: string;
  @Field() publishedAt: Date;
  @Field(() => Int, { description: 'The release that made it live.' }) seq: number;

  static of(
    document: Pick<DocumentRow, 'kind'>,
    live: { seq: number; publishedAt: Date },
    row: RevisionRow,
  ): LiveRevision {
    const { number, sha256, body: stored } = row;
    return Object.assign(new LiveRevision(), {
      number,
      sha256,
      publishedAt: live.publishedAt,
      seq: live.seq,
      kind: document.kind,
      stored,
    });
  }
}

@ObjectType({ description: 'A config document: one draft, many revisions, live or not in each environment.' })
export class Document {
  @Field(() => ID) id: string;
  @Field(() => Kind) kind: KindName;
  @Field({ description: 'The site that it belongs to; `*` for all sites.' }) site: string;
  @Field() key: string;
  @Field({ description: 'What people call it, from its body.' }) label: string;
  @Field() createdAt: Date;

  static of(row: DocumentRow): Document {
    const { id, kind, site, key, label, createdAt } = row;
    return Object.assign(new Document(), { id, kind, site, key, label, createdAt });
  }
}

@ObjectType()
export class DocumentConnection extends ConnectionOf(Document) {}
