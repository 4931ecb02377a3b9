import { Injectable } from '@nestjs/common';
import { type DocumentRef, formatRef } from '@paddock/contracts';
import { Access } from '../access/access.js';
import type { Actor } from '../access/actor.js';
import { mayRead } from '../access/reading.js';
import { Database } from '../database/database.js';
import { DocumentRow, DraftRow } from '../documents/document.entity.js';
import { type DraftToSave, Drafts } from '../documents/drafts.js';
import { FieldProblem } from '../graphql/problems.js';
import { Environments } from './environments.js';
import type { PlanGate } from './plan.js';
import { TrialPlanning } from './trial-planning.js';

/** What saving a draft, and publishing it at once, would say. */
export interface TrialVerdict {
  problems: FieldProblem[];
  /** Empty where the draft has problems, or the request names no environment. */
  gates: readonly PlanGate[];
}

/** Tries a draft without storing it: the plan is made by the code that plans every release, in a transaction that is undone. */
@Injectable()
export class DraftTrial {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
    private readonly drafts: Drafts,
    private readonly environments: Environments,
    private readonly planning: TrialPlanning,
  ) {}

  /** @throws ProblemError where the actor may not write the document, or create a release of it in the environment */
  async run(actor: Actor, draft: DraftToSave, environment: string | undefined): Promise<TrialVerdict> {
    const { ref, problems, body } = await this.drafts.examine(actor, draft);
    const found = [...problems, ...(body ? await this.placeProblems(actor, ref, draft.lockVersion) : [])];
    if (environment !== undefined) {
      this.access.authorize(actor, 'release:create', { environment, kind: ref.kind, site: ref.site });
      await this.environments.findOrThrow(this.db.manager, environment);
    }
    if (!body || found.length > 0 || environment === undefined) return { problems: found, gates: [] };
    return { problems: [], gates: await this.planning.gates(actor, ref, body, environment) };
  }

  private async placeProblems(
    actor: Actor,
    ref: DocumentRef,
    lockVersion: number | undefined,
  ): Promise<FieldProblem[]> {
    const site = await this.drafts.siteProblems(this.db.manager, ref.site);
    const document = await this.db.manager.findOneBy(DocumentRow, { ...ref });
    const draft = document && (await this.db.manager.findOneBy(DraftRow, { documentId: document.id }));
    const seen = lockVersion ?? 0;
    const [name, current] = [formatRef(ref), draft && mayRead(actor, ref) ? draft.lockVersion : 0];
    if (seen === current) return site;
    const [code, message] =
      current === 0
        ? ['NO_SUCH_DOCUMENT', `${name} does not exist; leave lockVersion out to create it`]
        : ['STALE', `${name} is at lockVersion ${current}, not ${seen}; take its draft into account`];
    return [...site, new FieldProblem('lockVersion', code, message)];
  }
}
