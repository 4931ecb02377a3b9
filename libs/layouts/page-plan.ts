import { type AudiencePredicate, compileAudience, scheduleInstants } from '@paddock/audience';
import {
  type Audience,
  canonicalJson,
  type LayoutBody,
  type LayoutItem,
  type PromoBody,
  type Schedule,
} from '@paddock/contracts';

/** A promo as a page's plan needs it. `ref` names the document and salts its percentage. */
export interface PlannedPromo {
  ref: string;
  key: string;
  body: PromoBody;
}

/** Where a plan finds promos: the site's own documents first, then those for all sites. */
export interface PromoSource {
  byKey(key: string): PlannedPromo | undefined;
  /** By priority, the highest first, then by key. */
  byTags(tags: readonly string[]): Iterable<PlannedPromo>;
}

/** What can stand in a slot. */
export type Content =
  | { type: 'promo'; promo: PlannedPromo }
  | { type: 'component'; component: string; props: LayoutItem['props'] }
  | { type: 'markets'; markets: NonNullable<LayoutItem['markets']> };

/** Something that is shown while `from` ≤ now < `to` to visitors for whom all of its predicates hold. */
export interface Candidate {
  /** Numbers the candidates of one plan. */
  id: number;
  content: Content;
  /** Indexes into the plan's predicates. */
  needs: readonly number[];
  from: number;
  to: number;
}

/** The first `limit` candidates that may be shown are shown. */
export interface Group {
  limit: number;
  candidates: Candidate[];
}

export interface SlotPlan {
  name: string;
  groups: Group[];
}

/** A page, compiled for one site from `now` on: everything that does not depend on the visitor is done. */
export interface PagePlan {
  slots: SlotPlan[];
  /** Each distinct audience once: their answers determine what a visitor sees of this page. */
  predicates: AudiencePredicate[];
  /** Promos that the layout names and that are not live. */
  missing: string[];
  /** Does any slot ask for markets? They depend on the view. */
  hasMarkets: boolean;
}

/** Compiles a layout. Candidates that are over by `now` are left out, and so are those that no visitor can ever see. */
export function compilePage(layout: { ref: string; body: LayoutBody }, promos: PromoSource, now: number): PagePlan {
  const compiler = new PageCompiler(layout.ref, promos, now);
  const slots = layout.body.slots.map(({ name, items }) => ({
    name,
    groups: items.flatMap((item) => compiler.group(item) ?? []),
  }));
  const hasMarkets = slots.some(({ groups }) =>
    groups.some(({ candidates }) => candidates.some(({ content }) => content.type === 'markets')),
  );
  return { slots, predicates: compiler.predicates, missing: compiler.missing, hasMarkets };
}

class PageCompiler {
  readonly predicates: AudiencePredicate[] = [];
  readonly missing: string[] = [];
  private readonly predicateByAudience = new Map<string, number>();
  private candidates = 0;

  constructor(
    private readonly layoutRef: string,
    private readonly promos: PromoSource,
    private readonly now: number,
  ) {}

  group(item: LayoutItem): Group | undefined {
    if (item.promo !== undefined) return this.single(item, this.named(item.promo));
    if (item.promos) return this.chosen(item, item.promos);
    if (item.component !== undefined)
      return this.single(item, { type: 'component', component: item.component, props: item.props });
    if (item.markets) return this.single(item, { type: 'markets', markets: item.markets });
    return undefined;
  }

  private named(key: string): Content | undefined {
    const promo = this.promos.byKey(key);
    if (!promo) this.missing.push(key);
    return promo && { type: 'promo', promo };
  }

  private single(item: LayoutItem, content: Content | undefined): Group | undefined {
    const candidate = content && this.candidate(item, content);
    return candidate && { limit: 1, candidates: [candidate] };
  }

  /** After `limit` candidates that every visitor sees for ever, no later candidate is reached. */
  private chosen(item: LayoutItem, { tags, limit }: NonNullable<LayoutItem['promos']>): Group {
    const candidates: Candidate[] = [];
    let certain = 0;
    for (const promo of certain < limit ? this.promos.byTags(tags) : []) {
      const candidate = this.candidate(item, { type: 'promo', promo });
      if (!candidate) continue;
      candidates.push(candidate);
      if (candidate.needs.length === 0 && candidate.from <= this.now && candidate.to === Infinity) certain += 1;
      if (certain >= limit) break;
    }
    return { limit, candidates };
  }

  private candidate(item: LayoutItem, content: Content): Candidate | undefined {
    const promo = content.type === 'promo' ? content.promo : undefined;
    const { from, to } = intersect(item.schedule, promo?.body.schedule);
    if (to <= from || to <= this.now) return undefined;
    const needs = [...this.needs(item.audience, this.layoutRef), ...this.needs(promo?.body.audience, promo?.ref ?? '')];
    this.candidates += 1;
    return { id: this.candidates, content, needs, from, to };
  }

  private needs(audience: Audience | undefined, salt: string): number[] {
    if (!audience) return [];
    // Only a share of visitors depends on the document that it is a share for.
    const name = canonicalJson(audience.percentage === undefined ? audience : { audience, salt });
    let index = this.predicateByAudience.get(name);
    if (index === undefined) {
      index = this.predicates.push(compileAudience(audience, salt)) - 1;
      this.predicateByAudience.set(name, index);
    }
    return [index];
  }
}

function intersect(first: Schedule | undefined, second: Schedule | undefined): { from: number; to: number } {
  const a = scheduleInstants(first);
  const b = scheduleInstants(second);
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}
