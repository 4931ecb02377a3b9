import { Injectable } from '@nestjs/common';
import { ALL_SITES, formatRef } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { mayRead } from '../access/reading.js';
import { Database } from '../database/database.js';
import { FieldProblem, NotFoundProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { LiveState } from '../releases/live-state.js';
import type { DocumentRow, DraftRow } from './document.entity.js';
import { Documents, pinKey } from './documents.js';
import { Drafts } from './drafts.js';

export interface DraftToDiscard {
  id: string;
  environment: string;
  /** `lockVersion` of the draft that is discarded; absent: the current draft. */
  lockVersion: number | undefined;
}

export interface DocumentToDuplicate {
  id: string;
  key: string;
  /** Absent: the site of the original. */
  site: string | undefined;
}

/** Drafts that are made from existing bodies. They are saved like any other: checked, guarded and written to the audit log. */
@Injectable()
export class DraftCopies {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
    private readonly drafts: Drafts,
    private readonly live: LiveState,
  ) {}

  /** Replaces the draft by the live body of an environment. An equal draft is left alone. */
  async discard(actor: Actor, { id, environment, lockVersion }: DraftToDiscard): Promise<DocumentRow> {
    const { document, draft } = await this.findOrThrow(actor, id);
    const body = mayRead(actor, { ...placeOf(document), environment }) && (await this.liveBody(environment, id));
    if (!body) {
      // The same for an environment that does not exist, or that the actor may not read.
      const message = `${formatRef(document)} is not live in ${JSON.stringify(environment)}, so there is no live body to restore`;
      throw new ProblemError(new ValidationProblem([new FieldProblem('environment', 'NOT_LIVE', message)]));
    }
    if (draft.body === body && (lockVersion === undefined || lockVersion === draft.lockVersion)) return document;
    return this.drafts.save(actor, {
      ...nameOf(document),
      lockVersion: lockVersion ?? draft.lockVersion,
      body: JSON.parse(body),
      bodyPath: 'environment',
      deed: { action: 'draft.discarded', details: { environment } },
    });
  }

  /** Makes a new document with the draft of another one. */
  async duplicate(actor: Actor, { id, key, site }: DocumentToDuplicate): Promise<DocumentRow> {
    const { document, draft } = await this.findOrThrow(actor, id);
    const original = nameOf(document);
    return this.drafts.save(actor, {
      ...{ kind: original.kind, key, site: site ?? original.site },
      lockVersion: undefined,
      body: JSON.parse(draft.body),
      bodyPath: 'id',
      deed: { action: 'document.duplicated', details: { original: formatRef(document) } },
    });
  }

  private async findOrThrow(actor: Actor, id: string): Promise<{ document: DocumentRow; draft: DraftRow }> {
    const document = await this.documents.readable(actor, id);
    if (!document) throw new ProblemError(new NotFoundProblem(`id: there is no document ${id}`));
    const draft = (await this.documents.drafts([id])).get(id);
    if (!draft) throw new Error(`${formatRef(document)} has no draft`);
    return { document, draft };
  }

  private async liveBody(environment: string, id: string): Promise<string | undefined> {
    const live = (await this.live.of(this.db.manager, environment, [id])).get(id);
    return live && (await this.documents.revisionsOf([live])).get(pinKey(id, live.revision))?.body;
  }
}

function placeOf({ kind, site }: DocumentRow) {
  return { kind, site };
}

function nameOf({ kind, key, site }: DocumentRow) {
  return { kind, key, site: site === ALL_SITES ? undefined : site };
}
