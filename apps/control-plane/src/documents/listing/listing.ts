import { Injectable } from '@nestjs/common';
import { type DocumentRef, type Json, parseJsonObject, sha256Hex } from '@paddock/contracts';
import type { Tx } from '../../database/database.js';
import { KindRegistry } from '../kind-registry.js';
import { type ContentFacts, contentFacts } from './content-facts.js';
import { DRAFT } from './listing.entity.js';

/** A draft as it was saved. */
export interface SavedDraft extends DocumentRef {
  documentId: string;
  /** Canonical JSON. */
  body: string;
  author: string;
  savedAt: Date;
}

/** What a release did to one document. */
export interface LandedItem {
  documentId: string;
  ref: DocumentRef;
  /** Null for a removal. */
  pinned: { sha256: string; body: { [name: string]: Json } } | null;
}

/** A release as it lands. */
export interface Landed {
  environment: string;
  seq: number;
  author: string;
  landedAt: Date;
}

interface Content extends DocumentRef {
  documentId: string;
  sha256: string;
  body: () => object;
}

type Times = Pick<ContentFacts, 'startsAt' | 'endsAt' | 'unseen'>;

const AT_ONCE = 500;

/**
 * Keeps the tables of lists current, in the transaction that changes a draft or lands a release. They can be rebuilt
 * from drafts, revisions and releases; only lists and searches read them.
 */
@Injectable()
export class Listing {
  constructor(private readonly kinds: KindRegistry) {}

  async saved(tx: Tx, drafts: readonly SavedDraft[]): Promise<void> {
    for (const some of chunks(drafts)) {
      const contents = some.map(({ body, ...draft }): Content => ({
        ...draft,
        sha256: sha256Hex(body),
        body: () => parseJsonObject(body),
      }));
      const times = await this.ensure(tx, contents);
      await writeStates(
        tx,
        some.map(({ documentId, kind, site, author, savedAt }, index) => {
          const sha256 = contents[index]?.sha256 ?? null;
          return stateRow({ place: DRAFT, documentId, kind, site, sha256, seq: null, author, at: savedAt }, times);
        }),
      );
      await removeUnused(
        tx,
        some.map(({ documentId }) => documentId),
      );
    }
  }

  async landed(tx: Tx, { environment, seq, author, landedAt }: Landed, items: readonly LandedItem[]): Promise<void> {
    for (const some of chunks(items)) {
      const times = await this.ensure(
        tx,
        some.flatMap(({ documentId, ref, pinned }): Content[] =>
          pinned ? [{ ...ref, documentId, sha256: pinned.sha256, body: () => pinned.body }] : [],
        ),
      );
      await writeStates(
        tx,
        some.map(({ documentId, ref: { kind, site }, pinned }) => {
          const sha256 = pinned?.sha256 ?? null;
          return stateRow({ place: environment, documentId, kind, site, sha256, seq, author, at: landedAt }, times);
        }),
      );
    }
  }

  /** Writes the contents that are not there yet. @returns the times of all of them, by {@link contentKey} */
  private async ensure(tx: Tx, contents: readonly Content[]): Promise<Map<string, Times>> {
    if (contents.length === 0) return new Map();
    const rows: (Times & { documentId: string; sha256: string })[] = await tx.query(
      `SELECT document_id AS documentId, sha256, starts_at AS startsAt, ends_at AS endsAt, unseen FROM document_content
       WHERE document_id IN (?) AND sha256 IN (?)`,
      [contents.map(({ documentId }) => documentId), contents.map(({ sha256 }) => sha256)],
    );
    const known = new Map<string, Times>(rows.map((row) => [contentKey(row), row]));
    const missing = contents.filter((content) => !known.has(contentKey(content)));
    if (missing.length === 0) return known;
    const made = missing.map((content) => {
      const kind = this.kinds.get(content.kind);
      const body = content.body();
      return { content, facts: contentFacts(kind, { key: content.key, label: kind.label(body) }, body) };
    });
    await tx.query(
      'INSERT IGNORE INTO document_content (document_id, sha256, starts_at, ends_at, unseen, text) VALUES ?',
      [
        made.map(({ content: { documentId, sha256 }, facts: { startsAt, endsAt, unseen, text } }) => {
          return [documentId, sha256, startsAt, endsAt, unseen, text];
        }),
      ],
    );
    const terms = made.flatMap(({ content: { documentId, sha256 }, facts }) =>
      facts.terms.map((term) => [documentId, sha256, term]),
    );
    for (const some of chunks(terms))
      await tx.query('INSERT IGNORE INTO document_term (document_id, sha256, term) VALUES ?', [some]);
    for (const { content, facts } of made) known.set(contentKey(content), facts);
    return known;
  }
}

interface State {
  place: string;
  documentId: string;
  kind: string;
  site: string;
  sha256: string | null;
  seq: number | null;
  author: string;
  at: Date;
}

const NEVER_SCHEDULED: Times = { startsAt: null, endsAt: null, unseen: false };

function stateRow(state: State, times: ReadonlyMap<string, Times>): unknown[] {
  const { place, documentId, kind, site, sha256, seq, author, at } = state;
  const { startsAt, endsAt, unseen } =
    (sha256 === null ? undefined : times.get(contentKey({ documentId, sha256 }))) ?? NEVER_SCHEDULED;
  return [place, documentId, kind, site, sha256, seq, startsAt, endsAt, unseen, author, at];
}

async function writeStates(tx: Tx, rows: readonly unknown[][]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO document_state
       (place, document_id, kind, site, sha256, seq, starts_at, ends_at, unseen, author, changed_at) VALUES ?
     ON DUPLICATE KEY UPDATE sha256 = VALUES(sha256), seq = VALUES(seq), starts_at = VALUES(starts_at),
       ends_at = VALUES(ends_at), unseen = VALUES(unseen), author = VALUES(author), changed_at = VALUES(changed_at)`,
    [rows],
  );
}

/**
 * Contents of drafts that were replaced before a release froze them. Those of revisions stay: they may become live again.
 * Found first and removed by their keys, because a joined DELETE would lock rows that a landing is about to write.
 */
async function removeUnused(tx: Tx, documentIds: readonly string[]): Promise<void> {
  const unused: { documentId: string; sha256: string }[] = await tx.query(
    `SELECT c.document_id AS documentId, c.sha256 FROM document_content c
     LEFT JOIN document_state s ON s.document_id = c.document_id AND s.sha256 = c.sha256
     LEFT JOIN revision r ON r.document_id = c.document_id AND r.sha256 = c.sha256
     WHERE c.document_id IN (?) AND s.document_id IS NULL AND r.document_id IS NULL`,
    [documentIds],
  );
  for (const { documentId, sha256 } of unused) {
    await tx.query('DELETE FROM document_term WHERE document_id = ? AND sha256 = ?', [documentId, sha256]);
    await tx.query('DELETE FROM document_content WHERE document_id = ? AND sha256 = ?', [documentId, sha256]);
  }
}

const contentKey = ({ documentId, sha256 }: { documentId: string; sha256: string }): string =>
  `${documentId} ${sha256}`;

function* chunks<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < values.length; start += AT_ONCE) yield values.slice(start, start + AT_ONCE);
}
