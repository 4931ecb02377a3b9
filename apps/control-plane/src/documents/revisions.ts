import { Injectable } from '@nestjs/common';
import { canonicalJson, formatRef, parseJsonObject, sha256Hex } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import type { Tx } from '../database/database.js';
import type { ConfigKind } from './config-kind.js';
import { DocumentRow, DraftRow, RevisionReferenceRow, RevisionRow } from './document.entity.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { LITERAL_SECRET } from './config-kind.js';
import { KindRegistry } from './kind-registry.js';

/** Immutable full bodies: made from drafts, read by number. */
@Injectable()
export class Revisions {
  constructor(private readonly kinds: KindRegistry) {}

  /**
   * Freezes each draft into a revision; one whose body equals its newest revision gets no new one.
   * @param judge is shown each draft under its lock, and throws to keep all of them from being frozen
   * @returns the revision number of each document, by document id
   */
  async freeze(
    tx: Tx,
    actor: Actor,
    documents: readonly DocumentRow[],
    message: string,
    judge: (drafts: readonly DraftRow[]) => void = () => undefined,
  ): Promise<Map<string, number>> {
    const ids = documents.map((document) => document.id);
    if (ids.length === 0) return new Map();
    const drafts = await tx
      .createQueryBuilder(DraftRow, 'draft')
      .where('draft.documentId IN (:...ids)', { ids })
      // In one order, so that two releases that freeze the same drafts wait instead of dying in a deadlock.
      .orderBy('draft.documentId')
      .setLock('pessimistic_write')
      .getMany();
    judge(drafts);
    this.mustHoldNoSecrets(documents, drafts);
    const newest = await this.newest(tx, ids);
    const byId = new Map(documents.map((document) => [document.id, document]));
    const numbers = new Map<string, number>();
    const fresh: RevisionRow[] = [];
    const references: RevisionReferenceRow[] = [];
    for (const draft of drafts) {
      const document = byId.get(draft.documentId);
      if (!document) continue;
      const last = newest.get(draft.documentId);
      const sha256 = sha256Hex(draft.body);
      if (last?.sha256 === sha256) {
        numbers.set(draft.documentId, last.number);
        continue;
      }
      const number = (last?.number ?? 0) + 1;
      numbers.set(draft.documentId, number);
      fresh.push(
        tx.create(RevisionRow, {
          documentId: draft.documentId,
          number,
          body: draft.body,
          sha256,
          schemaVersion: draft.schemaVersion,
          authorId: actor.id,
          message,
          createdAt: new Date(),
        }),
      );
      for (const target of referenceTargets(this.kinds.get(document.kind), parseJsonObject(draft.body))) {
        references.push(
          tx.create(RevisionReferenceRow, { documentId: draft.documentId, revisionNumber: number, target }),
        );
      }
    }
    await insertAll(tx, RevisionRow, fresh);
    await insertAll(tx, RevisionReferenceRow, references);
    return numbers;
  }

  /** A draft of before credentials were refused makes no revision. @throws ProblemError naming every place */
  private mustHoldNoSecrets(documents: readonly DocumentRow[], drafts: readonly DraftRow[]): void {
    const bodies = new Map(drafts.map((draft) => [draft.documentId, draft.body]));
    const problems = documents.flatMap((document, index) => {
      const [kind, body] = [this.kinds.get(document.kind), bodies.get(document.id)];
      const parsed = kind.withoutSecrets && body !== undefined ? kind.parse(JSON.parse(body)) : undefined;
      const found = parsed && !parsed.ok ? parsed.problems.filter(({ code }) => code === LITERAL_SECRET) : [];
      return found.map(
        ({ path, code, message }) =>
          new FieldProblem(`documents[${index}]`, code, `${formatRef(document)} ${path}: ${message}`),
      );
    });
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
  }

  private async newest(tx: Tx, ids: readonly string[]): Promise<Map<string, { number: number; sha256: string }>> {
    const rows: { documentId: string; number: number; sha256: string }[] = await tx.query(
      `SELECT r.document_id AS documentId, r.number, r.sha256 FROM revision r
       JOIN (SELECT document_id, MAX(number) AS number FROM revision WHERE document_id IN (?) GROUP BY document_id) newest
         ON newest.document_id = r.document_id AND newest.number = r.number`,
      [ids],
    );
    return new Map(rows.map((row) => [row.documentId, row]));
  }
}

const BATCH = 500;

async function insertAll<Row extends object>(tx: Tx, entity: new () => Row, rows: Row[]): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) {
    await tx
      .createQueryBuilder()
      .insert()
      .into(entity)
      .values(rows.slice(start, start + BATCH))
      .updateEntity(false)
      .execute();
  }
}

/** The entries of a body in the reference index: its references and its claims. See {@link RevisionReferenceRow}. */
export function referenceTargets(kind: ConfigKind, body: object): Set<string> {
  const pointsAt = kind
    .references(body)
    .map((reference) =>
      'tag' in reference ? tagTarget(reference.kind, reference.tag) : namedTarget(reference.kind, reference.key),
    );
  return new Set([...pointsAt, ...kind.reach(body).claims.map((claim) => claimTarget(kind.name, claim))]);
}

export const namedTarget = (kind: string, key: string): string => `${kind}:${key}`;
export const tagTarget = (kind: string, tag: string): string => `${kind}-tag:${tag}`;
export const claimTarget = (kind: string, claim: string): string => `${kind}-claim:${claim}`;

/** The body as it is stored: canonical, so that equal content has equal bytes. */
export function storedBody(body: object): string {
  return canonicalJson(body);
}

/** `promo/acme-uk/summer`, for messages. */
export function nameOf(document: Pick<DocumentRow, 'kind' | 'site' | 'key'>): string {
  return formatRef(document);
}
