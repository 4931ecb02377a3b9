import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import {
  ALL_SITES,
  canonicalJson,
  type DocumentRef,
  formatRef,
  KEY_PATTERN,
  type KindName,
  MAX_KEY_LENGTH,
} from '@paddock/contracts';
import { isDuplicateKey } from '@paddock/mysql';
import { Access } from '../access/access.js';
import type { Actor } from '../access/actor.js';
import { Audit } from '../audit/audit.js';
import { Database, type Tx } from '../database/database.js';
import {
  FieldProblem,
  ForbiddenProblem,
  NotFoundProblem,
  ProblemError,
  ValidationProblem,
} from '../graphql/problems.js';
import { EnvironmentRow } from '../releases/release.entity.js';
import { SiteRow } from '../sites/site.entity.js';
import type { ConfigKind, ParsedBody } from './config-kind.js';
import { DocumentRow, DraftRow } from './document.entity.js';
import { Documents } from './documents.js';
import { environmentsOfAuthor, mayReplace } from './draft-environments.js';
import { KindRegistry } from './kind-registry.js';
import { loggedChanges } from './logged-changes.js';
import { Listing } from './listing/listing.js';
import { StaleProblem } from './stale.problem.js';

export interface DraftToSave {
  kind: KindName;
  key: string;
  site: string | undefined;
  /** The version that the editor saw; absent (or 0) for a new document. */
  lockVersion: number | undefined;
  body: unknown;
  /** Path of the body in the input, for the paths of problems: `body.promo`. */
  bodyPath: string;
  /** The number of the revision that it takes up again. */
  restores?: number;
  /** The audit entry, where the change is more than a save. */
  deed?: { action: string; details: object };
}

/** The result of a trial save. */
export interface ExaminedDraft {
  ref: DocumentRef;
  problems: FieldProblem[];
  /** Absent where the body itself has problems. */
  body: object | undefined;
}

/** Finds mistakes in a body that only data outside the database shows. Never throws; without that data it reports nothing. */
export type DraftCheck = (body: object) => Promise<FieldProblem[]>;

/** The editable states. Every save is a compare-and-set: no one overwrites a state that they have not seen. */
@Injectable()
export class Drafts {
  private readonly checks = new Map<KindName, DraftCheck>();

  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
    private readonly kinds: KindRegistry,
    private readonly access: Access,
    private readonly audit: Audit,
    private readonly listing: Listing,
  ) {}

  /** Bodies of a kind are checked by this one too before they are saved, from now on. */
  addCheck(kind: KindName, check: DraftCheck): void {
    this.checks.set(kind, check);
  }

  /**
   * All problems that a save of the draft would report, and the body as it would be stored.
   * @throws ProblemError with a ForbiddenProblem
   */
  async examine(actor: Actor, draft: DraftToSave): Promise<ExaminedDraft> {
    const ref = { kind: draft.kind, site: draft.site ?? ALL_SITES, key: draft.key };
    const kind = this.kinds.get(ref.kind);
    const parsed = kind.parse(draft.body);
    const problems = [
      ...nameProblems(ref.key, draft.site),
      ...placeProblems(kind, draft, parsed),
      ...(parsed.ok ? [] : parsed.problems.map((problem) => below(draft.bodyPath, problem))),
    ];
    if (!parsed.ok || problems.length > 0) return { ref, problems, body: undefined };
    this.access.authorize(actor, 'document:write', { kind: ref.kind, site: ref.site });
    const found = (await this.checks.get(ref.kind)?.(parsed.body)) ?? [];
    return { ref, problems: found.map((problem) => below(draft.bodyPath, problem)), body: parsed.body };
  }

  /** @throws ProblemError with a ValidationProblem, StaleProblem or ForbiddenProblem */
  async save(actor: Actor, draft: DraftToSave): Promise<DocumentRow> {
    const { ref, problems, body: parsed } = await this.examine(actor, draft);
    if (!parsed || problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
    const kind = this.kinds.get(ref.kind);

    const body = canonicalJson(parsed);
    const label = kind.label(parsed).slice(0, 300);
    return this.db.tx(async (tx) => {
      await this.siteMustExist(tx, ref.site);
      const existing = await tx.findOneBy(DocumentRow, ref);
      const before = existing && (await tx.findOneBy(DraftRow, { documentId: existing.id }));
      const document = existing
        ? await this.replace(tx, actor, existing, {
            body,
            label,
            schemaVersion: kind.schemaVersion,
            seen: draft.lockVersion,
          })
        : await this.create(tx, actor, ref, {
            body,
            label,
            schemaVersion: kind.schemaVersion,
            seen: draft.lockVersion,
          });
      await this.audit.append(tx, {
        actor,
        action: draft.deed?.action ?? 'draft.saved',
        targetType: 'document',
        targetId: document.id,
        details: {
          document: formatRef(ref),
          lockVersion: (draft.lockVersion ?? 0) + 1,
          ...(draft.restores === undefined ? {} : { restores: draft.restores }),
          ...loggedChanges(
            before ? this.kinds.shown(ref.kind, before.body) : undefined,
            this.kinds.shown(ref.kind, body),
          ),
          ...draft.deed?.details,
        },
      });
      return document;
    });
  }

  /** Makes an older revision the draft again. It becomes live only by a release, like any draft. */
  async restore(
    actor: Actor,
    input: { documentId: string; revision: number; lockVersion: number },
  ): Promise<DocumentRow> {
    const document = await this.documents.readable(actor, input.documentId);
    if (!document) throw new ProblemError(new NotFoundProblem(`documentId: there is no document ${input.documentId}`));
    const revision = await this.documents.revision(actor, document, input.revision);
    if (!revision) {
      throw new ProblemError(new NotFoundProblem(`revision: ${formatRef(document)} has no revision ${input.revision}`));
    }
    return this.save(actor, {
      kind: document.kind,
      key: document.key,
      site: document.site === ALL_SITES ? undefined : document.site,
      lockVersion: input.lockVersion,
      body: JSON.parse(revision.body),
      bodyPath: 'revision',
      restores: input.revision,
    });
  }

  private async create(
    tx: Tx,
    actor: Actor,
    ref: Pick<DocumentRow, 'kind' | 'site' | 'key'>,
    draft: NewDraft,
  ): Promise<DocumentRow> {
    if (draft.seen) {
      throw new ProblemError(
        new ValidationProblem([
          new FieldProblem(
            'lockVersion',
            'NO_SUCH_DOCUMENT',
            `${formatRef(ref)} does not exist; leave lockVersion out to create it`,
          ),
        ]),
      );
    }
    const now = new Date();
    const document = tx.create(DocumentRow, { id: uuidv7(), ...ref, label: draft.label, createdAt: now });
    try {
      await tx.insert(DocumentRow, document);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Another caller created it at the same moment: this caller has not seen that draft.
      const theirs = await tx.findOneByOrFail(DocumentRow, ref);
      throw await this.stale(tx, theirs);
    }
    await tx.insert(DraftRow, {
      documentId: document.id,
      lockVersion: 1,
      body: draft.body,
      schemaVersion: draft.schemaVersion,
      updatedBy: actor.id,
      environments: environmentsOfAuthor(actor, ref),
      updatedAt: now,
    });
    await this.listing.saved(tx, [
      { ...ref, documentId: document.id, body: draft.body, author: actor.id, savedAt: now },
    ]);
    return document;
  }

  private async replace(tx: Tx, actor: Actor, document: DocumentRow, draft: NewDraft): Promise<DocumentRow> {
    await this.authorizeReplace(tx, actor, document);
    const now = new Date();
    const { affected } = await tx.update(
      DraftRow,
      { documentId: document.id, lockVersion: draft.seen ?? 0 },
      {
        lockVersion: (draft.seen ?? 0) + 1,
        body: draft.body,
        schemaVersion: draft.schemaVersion,
        updatedBy: actor.id,
        environments: environmentsOfAuthor(actor, document),
        updatedAt: now,
      },
    );
    if (affected !== 1) throw await this.stale(tx, document);
    if (document.label !== draft.label) await tx.update(DocumentRow, document.id, { label: draft.label });
    const { id: documentId, kind, site, key } = document;
    await this.listing.saved(tx, [{ documentId, kind, site, key, body: draft.body, author: actor.id, savedAt: now }]);
    return { ...document, label: draft.label };
  }

  /** @throws ProblemError when releases of an environment in which the actor may not write could freeze the draft */
  private async authorizeReplace(tx: Tx, actor: Actor, document: DocumentRow): Promise<void> {
    const draft = await tx.findOneOrFail(DraftRow, {
      select: { documentId: true, environments: true },
      where: { documentId: document.id },
      lock: { mode: 'pessimistic_write' },
    });
    const existing = (await tx.find(EnvironmentRow)).map(({ name }) => name);
    if (mayReplace(actor, document, draft.environments, existing)) return;
    throw new ProblemError(new ForbiddenProblem(`${formatRef(document)}: ${SHARED_DRAFT}`));
  }

  private async stale(tx: Tx, document: DocumentRow): Promise<ProblemError> {
    const { lockVersion, body } = await tx.findOneByOrFail(DraftRow, { documentId: document.id });
    return new ProblemError(
      StaleProblem.ofDraft(
        `${formatRef(document)} is at lockVersion ${lockVersion}; take its draft into account and save again`,
        {
          kind: document.kind,
          lockVersion,
          body,
        },
      ),
    );
  }

  private async siteMustExist(tx: Tx, site: string): Promise<void> {
    const problems = await this.siteProblems(tx, site);
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
  }

  async siteProblems(manager: EntityManager, site: string): Promise<FieldProblem[]> {
    if (site === ALL_SITES || (await manager.existsBy(SiteRow, { key: site }))) return [];
    return [new FieldProblem('site', 'UNKNOWN_SITE', `there is no site ${JSON.stringify(site)}`)];
  }
}

/** Says no environment by its name: the actor may not read it. */
const SHARED_DRAFT =
  'other environments publish this draft too; changing it takes the grant for document:write in all environments that it may be released in';

interface NewDraft {
  body: string;
  label: string;
  schemaVersion: number;
  seen: number | undefined;
}

function nameProblems(key: string, site: string | undefined): FieldProblem[] {
  const expected = `must be 1 to ${MAX_KEY_LENGTH} lower-case letters, digits and single - _ . between them`;
  const wrong = (name: string) => name.length > MAX_KEY_LENGTH || !KEY_PATTERN.test(name);
  const shown = (name: string) => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
  return [
    ...(wrong(key) ? [new FieldProblem('key', 'INVALID_KEY', `${shown(key)}: ${expected}`)] : []),
    ...(site !== undefined && wrong(site)
      ? [new FieldProblem('site', 'INVALID_KEY', `${shown(site)}: ${expected}`)]
      : []),
  ];
}

/** Checks the site and the key of a document of the kind. */
function placeProblems(kind: ConfigKind, { site, key }: DraftToSave, parsed: ParsedBody<object>): FieldProblem[] {
  const expected = parsed.ok ? kind.keyOf?.(parsed.body) : undefined;
  return [
    ...(kind.siteless && site !== undefined
      ? [
          new FieldProblem(
            'site',
            'NOT_ALLOWED',
            `a document of the kind ${kind.name} holds for all sites; leave the site out`,
          ),
        ]
      : []),
    ...(kind.longestKey === undefined || key.length <= kind.longestKey
      ? []
      : [
          new FieldProblem(
            'key',
            'TOO_LONG',
            `has ${key.length} characters, a key of the kind ${kind.name} has at most ${kind.longestKey}`,
          ),
        ]),
    ...(expected === undefined || expected === key
      ? []
      : [new FieldProblem('key', 'WRONG_KEY', `must be ${JSON.stringify(expected)}, as its body says`)]),
  ];
}

function below(path: string, problem: FieldProblem): FieldProblem {
  return new FieldProblem(problem.path === '' ? path : `${path}.${problem.path}`, problem.code, problem.message);
}
