import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { formatRef, type ReleaseType } from '@paddock/contracts';
import { Access } from '../access/access.js';
import type { Action } from '../access/actions.js';
import type { Actor } from '../access/actor.js';
import { mayRead } from '../access/reading.js';
import { Audit } from '../audit/audit.js';
import { Database, type Tx } from '../database/database.js';
import type { DocumentRow, DraftRow } from '../documents/document.entity.js';
import { Documents } from '../documents/documents.js';
import { mayBeReleasedIn } from '../documents/draft-environments.js';
import { Revisions } from '../documents/revisions.js';
import { FieldProblem, ForbiddenProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { Environments } from './environments.js';
import type { Pin } from './planner.js';
import { ReleaseItemRow, ReleaseRow, type ReleaseState } from './release.entity.js';
import { noSuchRelease } from './release-reads.js';

export interface ReleaseToCreate {
  environment: string;
  title: string;
  documents: string[];
  remove: string[];
}

export interface NewRelease {
  environment: string;
  type: ReleaseType;
  title: string;
  reason: string;
  revertsId: string | null;
  pins: readonly Pin[];
}

/** Makes releases and reads them. What makes them live is {@link Landing}. */
@Injectable()
export class Releases {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
    private readonly revisions: Revisions,
    private readonly environments: Environments,
    private readonly access: Access,
    private readonly audit: Audit,
  ) {}

  /** Freezes the drafts into revisions and pins them; later edits of the drafts do not touch the release. */
  async create(actor: Actor, input: ReleaseToCreate): Promise<ReleaseRow> {
    this.access.authorize(actor, 'release:create', { environment: input.environment });
    const environment = await this.environments.findOrThrow(this.db.manager, input.environment);
    const documents = await this.named(actor, input, listProblems(input));
    this.authorizeAll(actor, 'release:create', environment.name, [...documents.values()]);

    return this.db.tx(async (tx) => {
      const release = await this.insert(tx, actor, {
        ...{ environment: environment.name, title: input.title, pins: await this.pins(tx, actor, input, documents) },
        ...{ type: 'FORWARD', reason: '', revertsId: null },
      });
      await this.record(tx, actor, 'release.created', release, { documents: [...documents.values()].map(formatRef) });
      return release;
    });
  }

  /**
   * The documents that a release names, of those that the actor may read.
   * @throws ProblemError with the problems that are known already, and one for each name without a document
   */
  async named(
    actor: Actor,
    input: Pick<ReleaseToCreate, 'documents' | 'remove'>,
    known: readonly FieldProblem[],
  ): Promise<Map<string, DocumentRow>> {
    const found = [...(await this.documents.byIds([...input.documents, ...input.remove])).values()];
    const documents = new Map(
      found.filter((document) => mayRead(actor, document)).map((document) => [document.id, document]),
    );
    const problems = [
      ...known,
      ...unknownIds('documents', input.documents, documents),
      ...unknownIds('remove', input.remove, documents),
    ];
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
    return documents;
  }

  /** Freezes drafts as revisions, and pins them together with the removals. */
  async pins(
    tx: Tx,
    actor: Actor,
    input: ReleaseToCreate,
    documents: ReadonlyMap<string, DocumentRow>,
  ): Promise<Pin[]> {
    const drafts = input.documents.flatMap((id) => documents.get(id) ?? []);
    const judge = (rows: readonly DraftRow[]) => mustBeReleasable(rows, input);
    const numbers = await this.revisions.freeze(tx, actor, drafts, input.title, judge);
    return [
      ...input.documents.map((documentId): Pin => ({
        documentId,
        op: 'PUT',
        revision: numbers.get(documentId) ?? null,
      })),
      ...input.remove.map((documentId): Pin => ({ documentId, op: 'REMOVE', revision: null })),
    ];
  }

  async insert(tx: Tx, actor: Actor, release: NewRelease): Promise<ReleaseRow> {
    const { environment, type, title, reason, revertsId, pins } = release;
    const row = tx.create(ReleaseRow, {
      ...{
        id: uuidv7(),
        environment,
        type,
        title,
        reason,
        revertsId,
        state: 'DRAFT',
        authorId: actor.id,
        createdAt: new Date(),
      },
      ...{ seq: null, landedAt: null, landedBy: null, stateHash: null },
      ...{ scheduledAt: null, scheduledZone: null, scheduledBy: null, pausedBecause: null },
    });
    await tx.insert(ReleaseRow, row);
    await this.insertItems(tx, row, pins);
    return row;
  }

  async insertItems(tx: Tx, { id: releaseId, environment }: ReleaseRow, pins: readonly Pin[]): Promise<void> {
    for (let start = 0; start < pins.length; start += 500) {
      await tx.insert(
        ReleaseItemRow,
        pins.slice(start, start + 500).map(({ documentId, op, revision }) => ({
          ...{ releaseId, documentId, op, revision, environment },
          ...{ seq: null, previousRevision: null },
        })),
      );
    }
  }

  /** The release under its lock. @throws ProblemError when it is not in one of these states */
  async lock(tx: Tx, id: string, states: readonly ReleaseState[]): Promise<ReleaseRow> {
    const row = await tx.findOneOrFail(ReleaseRow, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!states.includes(row.state)) throw wrongState(row, states);
    return row;
  }

  /** For the system itself; callers of the API find releases by {@link ReleaseReads}. @throws ProblemError when there is no such release */
  async findOrThrow(manager: EntityManager, id: string): Promise<ReleaseRow> {
    const row = await manager.findOneBy(ReleaseRow, { id });
    if (!row) throw new ProblemError(noSuchRelease(id));
    return row;
  }

  items(manager: EntityManager, releaseId: string): Promise<ReleaseItemRow[]> {
    return manager.find(ReleaseItemRow, { where: { releaseId }, order: { documentId: 'ASC' } });
  }

  /** @throws ProblemError when the actor may not do it to every document of the release */
  async authorize(actor: Actor, action: Action, release: ReleaseRow): Promise<void> {
    const items = await this.items(this.db.manager, release.id);
    const documents = await this.documents.byIds(items.map((item) => item.documentId));
    this.authorizeAll(actor, action, release.environment, [...documents.values()]);
  }

  authorizeAll(actor: Actor, action: Action, environment: string, documents: readonly DocumentRow[]): void {
    this.access.authorize(actor, action, { environment });
    const [readable, hidden] = [
      documents.filter((document) => mayRead(actor, document)),
      documents.filter((document) => !mayRead(actor, document)),
    ];
    for (const { kind, site } of readable) this.access.authorize(actor, action, { environment, kind, site });
    // Documents that the actor may not read are not reported.
    if (hidden.length > 0)
      throw new ProblemError(
        new ForbiddenProblem(
          `${actor.name} lacks the grant for ${action} for all of the release: it has documents that you may not read`,
        ),
      );
  }

  async record(tx: Tx, actor: Actor, action: string, release: ReleaseRow, details: object): Promise<void> {
    const { id, environment, title } = release;
    await this.audit.append(tx, {
      actor,
      action,
      targetType: 'release',
      targetId: id,
      details: { environment, title, ...details },
    });
  }
}

/** @throws ProblemError when a draft was saved by an author who may not write in the release's environment */
function mustBeReleasable(drafts: readonly DraftRow[], { documents, environment }: ReleaseToCreate): void {
  const foreign = new Set(
    drafts.filter((draft) => !mayBeReleasedIn(draft.environments, environment)).map(({ documentId }) => documentId),
  );
  const message =
    `its draft was saved by someone who may not write in ${environment}; ` +
    `promote a release of it from another environment, or save the draft with a grant for ${environment}`;
  const problems = documents.flatMap((id, index) =>
    foreign.has(id) ? [new FieldProblem(`documents[${index}]`, 'DRAFT_OF_ANOTHER_ENVIRONMENT', message)] : [],
  );
  if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
}

/** A release that is in a state in which this cannot be done to it. */
export function wrongState({ id, state }: ReleaseRow, expected: readonly ReleaseState[]): ProblemError {
  const message = `release ${id} is ${state}; expected ${expected.join(' or ')}`;
  return new ProblemError(new ValidationProblem([new FieldProblem('id', 'WRONG_STATE', message)]));
}

/** How many documents a release has at most. */
export const MAX_DOCUMENTS = 10_000;

function listProblems(input: ReleaseToCreate): FieldProblem[] {
  const count = input.documents.length + input.remove.length;
  const empty = new FieldProblem('documents', 'EMPTY', 'name at least one document to publish or to remove');
  return [...(count === 0 ? [empty] : []), ...listMistakes(input)];
}

/** Lists of documents that contradict themselves or each other, or are too long. */
export function listMistakes({ documents, remove }: Pick<ReleaseToCreate, 'documents' | 'remove'>): FieldProblem[] {
  const removed = new Set(remove);
  const twice = (ids: readonly string[]) => ids.filter((id, index) => ids.indexOf(id, index + 1) >= 0);
  const count = documents.length + remove.length;
  return [
    ...(count > MAX_DOCUMENTS
      ? [new FieldProblem('documents', 'TOO_MANY', `${count} documents; at most ${MAX_DOCUMENTS}`)]
      : []),
    ...[...twice(documents), ...twice(remove)].map(
      (id) => new FieldProblem('documents', 'DUPLICATE', `${id} is named twice`),
    ),
    ...documents
      .filter((id) => removed.has(id))
      .map((id) => new FieldProblem('remove', 'CONTRADICTION', `${id} is to be published as well`)),
  ];
}

function unknownIds(
  field: string,
  ids: readonly string[],
  documents: ReadonlyMap<string, DocumentRow>,
): FieldProblem[] {
  return ids.flatMap((id, index) =>
    documents.has(id)
      ? []
      : [
          new FieldProblem(
            `${field}[${index}]`,
            'UNKNOWN_DOCUMENT',
            `there is no document ${JSON.stringify(id.slice(0, 60))}`,
          ),
        ],
  );
}
