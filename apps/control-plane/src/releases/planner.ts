import { Injectable } from '@nestjs/common';
import { type EntityManager, In, LessThanOrEqual, MoreThan, Not } from 'typeorm';
import type { DocumentRef, Json, ReleaseType } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { mayRead, mayReadSite } from '../access/reading.js';
import type { DocumentRow } from '../documents/document.entity.js';
import { Documents, pinKey, type Within } from '../documents/documents.js';
import { KindRegistry } from '../documents/kind-registry.js';
import { namedTarget } from '../documents/revisions.js';
import { SiteRow } from '../sites/site.entity.js';
import { bindingsOf } from './bindings.js';
import { GateRegistry } from './gates/gate-registry.js';
import { type LiveDocument, LiveState } from './live-state.js';
import { namesUsed, pinnedDraft, pointersTo, refOf, sitesConcerned } from './neighbours.js';
import { planForReader } from './plan-for-reader.js';
import type { Observed } from './plan-observer.js';
import { planRelease } from './plan-release.js';
import type { PinnedBody, Plan, PlanInput, PlannedItem, ScheduledNeighbour } from './plan.js';
import { FreezeWindowRow, ReleaseItemRow, ReleaseRow } from './release.entity.js';

/** The pins of a release, before their documents are read. */
export interface Pin {
  documentId: string;
  op: 'PUT' | 'REMOVE';
  revision: number | null;
}

export interface ReleaseToPlan {
  id: string;
  environment: string;
  type: ReleaseType;
  pins: readonly Pin[];
}

/** A draft that might be released. */
export interface DraftToPlan {
  document: DocumentRow;
  /** Canonical JSON. */
  body: string;
}

/** The next links of chains, upwards and downwards. */
interface Chains {
  referring: readonly PinnedBody[];
  targets: readonly PinnedBody[];
}

/** A release with the plan that it has at this moment. */
export interface ReadyRelease {
  release: ReleaseRow;
  input: PlanInput;
  plan: Plan;
}

/** Reads only what a plan needs: the cost depends on the release and its neighbours, not on the size of the environment. */
@Injectable()
export class Planner {
  constructor(
    private readonly documents: Documents,
    private readonly live: LiveState,
    private readonly kinds: KindRegistry,
    private readonly registry: GateRegistry,
  ) {}

  /** Runs the plan observers. To be called before the transaction that plans the releases. */
  async observe(releaseIds: readonly string[]): Promise<void> {
    await this.registry.look(releaseIds);
  }

  /** What observers saw that concerns a draft which no release pins. To be called after {@link observe}. */
  observed(): Observed[] {
    return this.registry.observed('');
  }

  async plan(manager: EntityManager, release: ReleaseToPlan, now: Date): Promise<Plan> {
    return this.planOf(await this.load(manager, release, now));
  }

  /** The plan of an input that was read before, by every gate that is registered. */
  planOf(input: PlanInput): Plan {
    return planRelease(input, (name) => this.kinds.get(name), this.registry.gates);
  }

  /** The plan of a stored release by the pins that it has. */
  async ready(manager: EntityManager, release: ReleaseRow, now: Date): Promise<ReadyRelease> {
    const pins = await manager.find(ReleaseItemRow, { where: { releaseId: release.id }, order: { documentId: 'ASC' } });
    const input = await this.load(
      manager,
      { id: release.id, environment: release.environment, type: release.type, pins },
      now,
    );
    return { release, input, plan: this.planOf(input) };
  }

  /** A plan, reduced to what the actor may read. */
  seenBy(actor: Actor, plan: Plan): Plan {
    const { environment } = plan.input;
    const reader = {
      document: ({ kind, site }: DocumentRef) => mayRead(actor, { kind, site, environment }),
      site: (key: string) => mayReadSite(actor, key),
    };
    return planForReader(plan, reader, (name) => this.kinds.get(name));
  }

  /** The plan that a release of one draft alone would have: as if the draft were frozen and pinned now. */
  async planDraft(manager: EntityManager, environment: string, draft: DraftToPlan, now: Date): Promise<Plan> {
    const { document, body } = draft;
    const pins = [{ documentId: document.id, op: 'PUT', revision: null } as const];
    const release: ReleaseToPlan = { id: '', environment, type: 'FORWARD', pins };
    const items = (await this.items(manager, release)).map((item) => ({
      ...item,
      pinned: pinnedDraft(document, body),
    }));
    return this.planOf(await this.inputOf(manager, release, items, now));
  }

  private async load(manager: EntityManager, release: ReleaseToPlan, now: Date): Promise<PlanInput> {
    return this.inputOf(manager, release, await this.items(manager, release), now);
  }

  private async inputOf(
    manager: EntityManager,
    release: ReleaseToPlan,
    items: PlannedItem[],
    now: Date,
  ): Promise<PlanInput> {
    const { id: releaseId, environment, type } = release;
    return {
      ...{ releaseId, environment, type, items, now },
      neighbours: await this.neighbours(manager, environment, items),
      sites: await manager.find(SiteRow, { order: { key: 'ASC' } }),
      clientKeys: await bindingsOf(manager, environment),
      freezes: await manager.findBy(FreezeWindowRow, {
        environment,
        startsAt: LessThanOrEqual(now),
        endsAt: MoreThan(now),
      }),
      scheduled: await this.scheduled(manager, release),
      observed: this.registry.observed(releaseId),
    };
  }

  private async items(manager: EntityManager, { environment, pins }: ReleaseToPlan): Promise<PlannedItem[]> {
    const ids = pins.map((pin) => pin.documentId);
    const documents = await this.documents.byIds(ids, manager);
    const live = await this.bodies(manager, [...(await this.live.of(manager, environment, ids)).values()]);
    const pinned = await this.pinned(manager, pins, documents);
    const landed = await this.landed(manager, environment, [...documents.values()]);
    return pins.flatMap(({ documentId, op }) => {
      const document = documents.get(documentId);
      if (!document) return [];
      return [
        {
          documentId,
          ref: refOf(document),
          op,
          pinned: pinned.get(documentId) ?? null,
          live: live.get(documentId) ?? null,
          ...(landed.has(documentId) ? { landed: landed.get(documentId) ?? [] } : {}),
        },
      ];
    });
  }

  /** Earlier live bodies of documents whose kind needs them. */
  private async landed(
    manager: EntityManager,
    environment: string,
    documents: readonly DocumentRow[],
  ): Promise<Map<string, PinnedBody['body'][]>> {
    const judged = documents.filter(({ kind }) => this.kinds.get(kind).checkHistory).map(({ id }) => id);
    const revisions = await this.live.landed(manager, environment, judged);
    const rows = await this.documents.revisionsOf(revisions, manager);
    const found = new Map<string, PinnedBody['body'][]>();
    for (const { documentId, revision } of revisions) {
      const row = rows.get(pinKey(documentId, revision));
      if (row) found.set(documentId, [...(found.get(documentId) ?? []), JSON.parse(row.body)]);
    }
    return found;
  }

  private async pinned(
    manager: EntityManager,
    pins: readonly Pin[],
    documents: ReadonlyMap<string, DocumentRow>,
  ): Promise<Map<string, PinnedBody>> {
    const wanted = pins.flatMap(({ documentId, revision }) => (revision === null ? [] : [{ documentId, revision }]));
    const rows = await this.documents.revisionsOf(wanted, manager);
    const bodies = [...rows.values()].flatMap((row): [string, PinnedBody][] => {
      const document = documents.get(row.documentId);
      if (!document) return [];
      const { documentId, number: revision, sha256 } = row;
      return [[documentId, { documentId, ref: refOf(document), revision, sha256, body: JSON.parse(row.body) }]];
    });
    return new Map(bodies);
  }

  /** Live documents outside the release that refer to it, that it refers to, or that have the same claims. */
  private async neighbours(
    manager: EntityManager,
    environment: string,
    items: readonly PlannedItem[],
  ): Promise<PinnedBody[]> {
    const inRelease = new Set(items.map((item) => item.documentId));
    const within = { sites: sitesConcerned(items), manager };
    const pointers = await this.documents.referring([...pointersTo(items, this.kinds)], within);
    const referring = await this.liveBodies(
      manager,
      environment,
      pointers.filter((id) => !inRelease.has(id)),
    );
    const names = namesUsed([...items.flatMap((item) => item.pinned ?? []), ...referring], items, this.kinds);
    const named = (await this.documents.named(names, within)).map((document) => document.id);
    const seen = new Set([...inRelease, ...referring.map((body) => body.documentId)]);
    const targets = await this.liveBodies(
      manager,
      environment,
      named.filter((id) => !seen.has(id)),
    );
    return [...referring, ...targets, ...(await this.chains(environment, inRelease, { referring, targets }, within))];
  }

  /**
   * The remaining links of chains of documents that depend on each other: all transitive dependents of the release and
   * all transitive targets. Only a whole chain shows a cycle, and every dependent of a change.
   */
  private async chains(
    environment: string,
    inRelease: ReadonlySet<string>,
    near: Chains,
    within: Within & { manager: EntityManager },
  ): Promise<PinnedBody[]> {
    const chained = (bodies: readonly PinnedBody[]) =>
      bodies.filter(({ ref }) => this.kinds.get(ref.kind).dependsOnOwnKind);
    const seen = new Set([
      ...inRelease,
      ...near.referring.map((body) => body.documentId),
      ...near.targets.map((body) => body.documentId),
    ]);
    const found: PinnedBody[] = [];
    let [referring, targets] = [chained(near.referring), chained(near.targets)];
    while (referring.length > 0 || targets.length > 0) {
      const above = await this.documents.referring(
        referring.map(({ ref }) => namedTarget(ref.kind, ref.key)),
        within,
      );
      const below = (await this.documents.named(namesUsed(targets, [], this.kinds), within)).map(
        (document) => document.id,
      );
      const fresh = [...new Set([...above, ...below])].filter((id) => !seen.has(id));
      const bodies = await this.liveBodies(within.manager, environment, fresh);
      for (const id of fresh) seen.add(id);
      found.push(...bodies);
      referring = chained(bodies.filter(({ documentId }) => above.includes(documentId)));
      targets = chained(bodies.filter(({ documentId }) => below.includes(documentId)));
    }
    return found;
  }

  private async liveBodies(manager: EntityManager, environment: string, ids: readonly string[]): Promise<PinnedBody[]> {
    const live = await this.live.of(manager, environment, ids);
    return [...(await this.bodies(manager, [...live.values()])).values()];
  }

  private async bodies(
    manager: EntityManager,
    live: readonly LiveDocument[],
  ): Promise<Map<string, PinnedBody & { seq: number }>> {
    const rows = await this.documents.revisionsOf(live, manager);
    return new Map(
      live.flatMap((document) => {
        const row = rows.get(pinKey(document.documentId, document.revision));
        if (!row) return [];
        const body: { [name: string]: Json } = JSON.parse(row.body);
        return [[document.documentId, { ...document, body }]];
      }),
    );
  }

  private async scheduled(manager: EntityManager, release: ReleaseToPlan): Promise<ScheduledNeighbour[]> {
    if (release.pins.length === 0) return [];
    const others = await manager.findBy(ReleaseRow, {
      environment: release.environment,
      state: 'SCHEDULED',
      id: Not(release.id),
    });
    if (others.length === 0) return [];
    const pins = await manager.findBy(ReleaseItemRow, {
      releaseId: In(others.map((other) => other.id)),
      documentId: In(release.pins.map((pin) => pin.documentId)),
    });
    return others.flatMap(({ id, title, scheduledAt }) => {
      const shared = pins.filter((pin) => pin.releaseId === id);
      return shared.length > 0 && scheduledAt ? [{ id, title, at: scheduledAt, pins: shared }] : [];
    });
  }
}
