import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { KindName } from '@paddock/contracts';
import { JsonScalar } from '@paddock/graphql';
import { CountedConnectionOf } from '../graphql/connection.js';
import type { BodyChange } from './diff.js';
import type { DocumentRow, DraftRow, RevisionRow } from './document.entity.js';
import { Kind } from './kind.enum.js';
import type { Facet } from './listing/document-filter.js';
import type { FacetCount } from './listing/document-list.js';
import { Stored } from './stored.js';

@ObjectType({ description: 'The editable state of a document.' })
export class Draft extends Stored {
  @Field(() => Int, { description: 'Send it back with the next save; a save with another one is refused as stale.' })
  lockVersion: number;

  @Field({ description: 'When it was saved.' }) updatedAt: Date;

  documentId: string;
  site: string;
  authorId: string;

  static of(document: DocumentRow, row: DraftRow): Draft {
    const { lockVersion, updatedAt, documentId, updatedBy: authorId } = row;
    return Object.assign(new Draft(), {
      lockVersion,
      updatedAt,
      documentId,
      authorId,
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
  @Field(() => JsonScalar, { nullable: true, description: 'The value before the change; null where it is new.' })
  before: unknown;
  @Field(() => JsonScalar, { nullable: true, description: 'The value after the change; null where it is removed.' })
  after: unknown;

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
  @Field(() => Int, { description: 'The number of the revision within its document, from 1.' }) number: number;
  @Field({ description: 'SHA-256 of the canonical JSON of the body; the name of the blob that consumers read.' })
  sha256: string;
  @Field(() => Int, { description: 'The version of the form that the body has.' }) schemaVersion: number;
  @Field({ description: 'What its author wrote about it.' }) message: string;
  @Field({ description: 'When the revision was made.' }) createdAt: Date;

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

@ObjectType({ description: 'A page of revisions.' })
export class RevisionConnection extends CountedConnectionOf(Revision) {}

@ObjectType({ description: 'The live revision of a document in an environment.' })
export class LiveRevision extends Stored {
  @Field(() => Int, { description: 'The number of the revision.' }) number: number;
  @Field({ description: 'The SHA-256 of the body as canonical JSON, by which blobs are named.' }) sha256: string;
  @Field({ description: 'When it became live.' }) publishedAt: Date;
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
  @Field(() => ID, { description: 'Names it in the API, for ever.' }) id: string;
  @Field(() => Kind, { description: 'What type of config it is.' }) kind: KindName;
  @Field({ description: 'The site that it belongs to; `*` for all sites.' }) site: string;
  @Field({ description: 'Names it within its kind and site.' }) key: string;
  @Field({ description: 'What people call it, from its body.' }) label: string;
  @Field({ description: 'When it was saved for the first time.' }) createdAt: Date;

  static of(row: DocumentRow): Document {
    const { id, kind, site, key, label, createdAt } = row;
    return Object.assign(new Document(), { id, kind, site, key, label, createdAt });
  }
}

@ObjectType({ description: 'How many documents of a list an author saved last.' })
export class AuthorFacet {
  @Field(() => ID, { description: 'The id of the user or API token.' }) value: string;
  @Field(() => Int, { description: 'How many documents.' }) count: number;
}

@ObjectType({ description: 'How many documents of a list have a value.' })
export class FacetValue {
  @Field({ description: 'The value: a kind, a status, a tag, the key of a component, or the id of an author.' })
  value: string;
  @Field(() => Int, { description: 'How many documents have it.' }) count: number;
}

@ObjectType({
  description:
    'Counts by value. Each one ignores the filter on its own values, so that it shows what choosing another value would find. The 100 most frequent values.',
})
export class DocumentFacets {
  @Field(() => [FacetValue], { description: 'By kind, in the spelling of the enum `Kind`.' }) kind: FacetCount[];
  @Field(() => [FacetValue], { description: 'By status in the environment that was asked for; empty without one.' })
  status: FacetCount[];
  @Field(() => [AuthorFacet], { description: 'By the user or API token that saved the draft last.' })
  author: FacetCount[];
  @Field(() => [FacetValue], { description: 'By tag of the draft.' }) tag: FacetCount[];
  @Field(() => [FacetValue], { description: 'By component that the draft names.' }) component: FacetCount[];
}

@ObjectType({ description: 'A page of documents.' })
export class DocumentConnection extends CountedConnectionOf(Document) {
  @Field(() => DocumentFacets, {
    description: 'Counts by value over all pages, in the same consistent read as the page.',
  })
  facets: Partial<Record<Facet, FacetCount[]>>;
}
