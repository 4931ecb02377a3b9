import { Injectable } from '@nestjs/common';
import { compileAudience, scheduleInstants, type Visitor } from '@paddock/audience';
import { ALL_SITES, formatRef, type LayoutBody, type PromoBody } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { mayReadSite } from '../access/reading.js';
import { Database } from '../database/database.js';
import type { ConfigKind, Placement } from '../documents/config-kind.js';
import { Documents, pinKey } from '../documents/documents.js';
import { KindRegistry } from '../documents/kind-registry.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { type LiveDocument, LiveState } from '../releases/live-state.js';
import type { PinnedBody } from '../releases/plan.js';
import { SiteRow } from '../sites/site.entity.js';
import { type LiveBody, pagesSeen, type SeenAt } from './pages-seen.js';
import type { VisitorInput } from './visitor.input.js';

/** A document that applied to a visitor, and where it stood. */
export interface Applied {
  live: LiveDocument;
  /** Places on pages; empty for what stands on no page. */
  seenAt: SeenAt[];
}

type LiveWithBody = LiveBody<PinnedBody['body']> & { live: LiveDocument; stored: string };

const AT_ONCE = 500;

/** What applied to one visitor at an instant, of what was live then. */
@Injectable()
export class VisitorState {
  constructor(
    private readonly db: Database,
    private readonly documents: Documents,
    private readonly live: LiveState,
    private readonly kinds: KindRegistry,
  ) {}

  /** In the order of document ids. @throws ProblemError where there is no such site for the actor */
  async at(actor: Actor, environment: string, seq: number, at: Date, given: VisitorInput): Promise<Applied[]> {
    const visitor = await this.visitorOf(actor, given);
    const documents = [
      ...(await this.bodies(actor, environment, seq, visitor.site)),
      ...(await this.bodies(actor, environment, seq, ALL_SITES)),
    ]
      .filter(({ ref, body }) => (this.kinds.get(ref.kind).placements?.(body) ?? []).every(isReadable))
      .sort((a, b) => (a.documentId < b.documentId ? -1 : 1));
    const now = at.getTime();
    const seen = pagesSeen(
      visitor,
      ofKind<LayoutBody>(documents, 'layout'),
      ofKind<PromoBody>(documents, 'promo'),
      now,
    );
    return documents
      .filter((document) => applies(document, documents, this.kinds.get(document.ref.kind), visitor, now))
      .filter(({ documentId, ref }) => ref.kind !== 'layout' || seen.has(documentId))
      .map(({ documentId, live }) => ({ live, seenAt: seen.get(documentId) ?? [] }));
  }

  private async visitorOf(actor: Actor, given: VisitorInput): Promise<Visitor> {
    const site = mayReadSite(actor, given.site) ? await this.db.manager.findOneBy(SiteRow, { key: given.site }) : null;
    if (!site) {
      const message = `there is no site ${JSON.stringify(given.site.slice(0, 60))}`;
      throw new ProblemError(new ValidationProblem([new FieldProblem('visitor.site', 'UNKNOWN_SITE', message)]));
    }
    return {
      site: site.key,
      jurisdiction: given.jurisdiction ?? site.jurisdiction,
      locale: given.locale ?? site.locale,
      ...(given.device ? { device: given.device } : {}),
      segments: new Set(given.segments ?? []),
      ...(given.id ? { id: given.id } : {}),
    };
  }

  private async bodies(reader: Actor, environment: string, seq: number, site: string): Promise<LiveWithBody[]> {
    const found: LiveWithBody[] = [];
    for (let after: string | undefined; ;) {
      const page = await this.live.page(this.db.manager, environment, seq, { site, reader }, { limit: AT_ONCE, after });
      const rows = await this.documents.revisionsOf(page);
      for (const live of page) {
        const row = rows.get(pinKey(live.documentId, live.revision));
        if (row) {
          const { documentId, ref } = live;
          found.push({ live, documentId, ref, body: JSON.parse(row.body), stored: row.body });
        }
      }
      after = page.at(-1)?.documentId;
      if (page.length < AT_ONCE) return found;
    }
  }
}

/** Was some part of it there for the visitor, or is it nothing that has an audience? */
function applies(
  { ref, body }: LiveWithBody,
  all: readonly LiveWithBody[],
  kind: ConfigKind,
  visitor: Visitor,
  at: number,
): boolean {
  if (kind.replacedBySite && ref.site === ALL_SITES) {
    if (all.some((own) => own.ref.site !== ALL_SITES && own.ref.kind === ref.kind && own.ref.key === ref.key))
      return false;
  }
  const placements = kind.placements?.(body) ?? [];
  // Of a layout without items, and of a component, nothing depends on the visitor.
  return placements.length === 0 || placements.some((placement) => holds(placement, formatRef(ref), visitor, at));
}

function holds({ audience, schedule }: Placement, salt: string, visitor: Visitor, at: number): boolean {
  const { from, to } = scheduleInstants(schedule);
  return from <= at && at < to && compileAudience(audience, salt)(visitor);
}

/** An edge that cannot read a schedule shows nothing of the document: one of a time zone that earlier versions accepted. */
function isReadable({ schedule }: Placement): boolean {
  try {
    scheduleInstants(schedule);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Bodies of a kind, in the shape that its documents are checked for before they land. */
function ofKind<Body>(documents: readonly LiveWithBody[], kind: PinnedBody['ref']['kind']): LiveBody<Body>[] {
  return documents.flatMap(({ documentId, ref, stored }) =>
    ref.kind === kind ? [{ documentId, ref, body: JSON.parse(stored) }] : [],
  );
}
