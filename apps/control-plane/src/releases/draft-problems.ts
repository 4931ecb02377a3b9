import { Injectable } from '@nestjs/common';
import { ALL_SITES } from '@paddock/contracts';
import { Access } from '../access/access.js';
import type { Actor } from '../access/actor.js';
import { mayRead } from '../access/reading.js';
import { Database } from '../database/database.js';
import type { DocumentRow } from '../documents/document.entity.js';
import { Documents } from '../documents/documents.js';
import { KindRegistry } from '../documents/kind-registry.js';
import { claimTarget } from '../documents/revisions.js';
import { FieldProblem, FieldWarning } from '../graphql/problems.js';
import { SiteRow } from '../sites/site.entity.js';
import { bindingsOf } from './bindings.js';
import { databaseNow, Environments } from './environments.js';
import { namesUsed, pinnedDraft, sitesConcerned } from './neighbours.js';
import { gatesForReader } from './plan-for-reader.js';
import type { PinnedBody, Plan, PlanGate, PlanInput, PlannedItem } from './plan.js';
import { type DraftToPlan, Planner } from './planner.js';

/** Data shared by all drafts of one request. */
export type Surroundings = Pick<PlanInput, 'now' | 'sites' | 'clientKeys'>;

/**
 * Problems of drafts: the gates of a release of one draft alone, computed by the same code. Without an environment, a
 * draft is judged beside the other drafts, as if all drafts were published together.
 */
@Injectable()
export class DraftProblems {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
    private readonly kinds: KindRegistry,
    private readonly environments: Environments,
    private readonly planner: Planner,
    private readonly access: Access,
  ) {}

  /** What every draft of one request is judged beside. */
  async surroundings(): Promise<Surroundings> {
    const now = await databaseNow(this.db.manager);
    await this.planner.observe([]);
    const sites = await this.db.manager.find(SiteRow, { order: { key: 'ASC' } });
    return { now, sites, clientKeys: await bindingsOf(this.db.manager) };
  }

  /** @throws ProblemError when the environment does not exist, or the reader may read nothing of it */
  async of(
    reader: Actor,
    draft: DraftToPlan,
    environment: string | undefined,
    surroundings: Surroundings,
  ): Promise<FieldProblem[]> {
    if (environment !== undefined) {
      this.access.authorize(reader, 'release:read', { environment });
      await this.environments.findOrThrow(this.db.manager, environment);
    }
    const plan =
      environment === undefined
        ? await this.besideDrafts(draft, surroundings)
        : await this.planner.planDraft(this.db.manager, environment, draft, surroundings.now);
    return problemsOf(plan, draft.document, ({ kind, site }) =>
      mayRead(reader, { kind, site, ...(environment === undefined ? {} : { environment }) }),
    );
  }

  private async besideDrafts({ document, body }: DraftToPlan, surroundings: Surroundings): Promise<Plan> {
    const pinned = pinnedDraft(document, body);
    const item: PlannedItem = { documentId: document.id, ref: pinned.ref, op: 'PUT', pinned, live: null };
    const input = {
      ...{ releaseId: '', environment: 'any environment', type: 'FORWARD' as const, items: [item] },
      ...surroundings,
      neighbours: await this.otherDrafts(item, pinned),
      freezes: [],
      scheduled: [],
      observed: this.planner.observed(),
    };
    return this.planner.planOf(input);
  }

  /** Drafts that this one refers to, directly or indirectly, and those that may have the same claims. */
  private async otherDrafts(item: PlannedItem, pinned: PinnedBody): Promise<PinnedBody[]> {
    const concerned = sitesConcerned([item]);
    const sites = concerned ?? [ALL_SITES];
    const found = new Map<string, PinnedBody>();
    const claims = this.kinds.get(pinned.ref.kind).reach(pinned.body).claims;
    const rivals = await this.documents.referring(
      claims.map((claim) => claimTarget(pinned.ref.kind, claim)),
      { sites: concerned },
    );
    await this.addDrafts(found, [...(await this.documents.byIds(rivals)).values()], item.documentId);
    let from = [pinned];
    while (from.length > 0) {
      const names = namesUsed(from, [], this.kinds);
      const added = await this.addDrafts(found, await this.documents.named(names, { sites }), item.documentId);
      from = added.filter(({ ref }) => this.kinds.get(ref.kind).dependsOnOwnKind);
    }
    return [...found.values()];
  }

  /** @returns those that were not there yet */
  private async addDrafts(
    found: Map<string, PinnedBody>,
    rows: readonly DocumentRow[],
    own: string,
  ): Promise<PinnedBody[]> {
    const fresh = rows.filter(({ id }) => id !== own && !found.has(id));
    if (fresh.length === 0) return [];
    const drafts = await this.documents.drafts(fresh.map(({ id }) => id));
    const bodies = fresh.flatMap((document) => {
      const draft = drafts.get(document.id);
      return draft ? [pinnedDraft(document, draft.body)] : [];
    });
    for (const body of bodies) found.set(body.documentId, body);
    return bodies;
  }
}

type Readable = (ref: PinnedBody['ref']) => boolean;

/** The gates and warnings of a plan of one draft as mistakes in its body. */
function problemsOf(plan: Plan, document: DocumentRow, readable: Readable): FieldProblem[] {
  const gates = plan.gates.filter(({ subject }) => subject !== 'RELEASE');
  const notes = plan.notes.filter(({ concerns }) => concerns.every(({ ref }) => readable(ref)));
  return [
    ...gatesForReader(gates, { document: readable }).map((gate) => asProblem(gate, document)),
    ...notes.map(({ code, path, message }) => new FieldWarning(path ?? '', code, message)),
  ];
}

/** The problem of the draft's own kind with its path; a gate about another document has no path in this body. */
function asProblem({ code, message, documentId, path, problem }: PlanGate, document: DocumentRow): FieldProblem {
  if (documentId !== document.id) return new FieldProblem('', code, message);
  return problem ?? new FieldProblem(path ?? '', code, message);
}
