import { LRUCache } from 'lru-cache';
import type { Visitor } from '@paddock/audience';
import {
  compilePage,
  type PageName,
  type PagePlan,
  type PlannedPromo,
  renderPage,
  type Resolved,
  resolve,
  signatureOf,
} from '@paddock/layouts';
import type { LiveState } from '../state/live-state.js';
import { PreparedBody } from './prepared-body.js';
import { NO_MARKETS, type SlotMarkets } from './slot-markets.js';

/** One page of one site, compiled; good from `since` on, until a release that concerns it drops it. */
class CompiledPage {
  /** A release has changed something in it. */
  dropped = false;
  readonly written = new Map<number, string>();

  constructor(
    readonly id: number,
    readonly plan: PagePlan,
    readonly since: number,
  ) {}
}

/** Which body visitors of one signature get, and for how long. Small: bodies are kept elsewhere, by name. */
export class Selection {
  constructor(
    private readonly page: CompiledPage,
    readonly bodyName: string,
    private readonly since: number,
    readonly validUntil: number,
    /** The lists of markets that it was made of; absent where it shows none. */
    private readonly lists?: { readonly of: SlotMarkets; readonly version: number },
  ) {}

  /** Does it show markets? Those may be hidden at any moment. */
  get showsMarkets(): boolean {
    return this.lists !== undefined;
  }

  isGood(now: number): boolean {
    return (
      !this.page.dropped &&
      now >= this.since &&
      now < this.validUntil &&
      (!this.lists || this.lists.version === this.lists.of.version)
    );
  }
}

/** A selection and its body, which a cache too small for it need not have kept. */
export interface Selected {
  selection: Selection;
  body: PreparedBody;
}

/** Caches that all environments of a process share, bounded in bytes or entries. */
export class PageCaches {
  readonly bodies: LRUCache<string, PreparedBody>;
  readonly selections = new LRUCache<string, Selection>({ max: 50_000 });
  private pages = 0;

  constructor(bodyBytes: number) {
    // A body's compressed forms and objects are counted roughly, as half of it and a kilobyte.
    this.bodies = new LRUCache({ maxSize: bodyBytes, sizeCalculation: ({ size }) => Math.ceil(size * 1.5) + 1_024 });
  }

  nextPageId(): number {
    this.pages += 1;
    return this.pages;
  }
}

/** The pages of one environment: plans compiled on demand, bodies by what they show, so that a million visitors map to few. */
export class LayoutPages {
  private readonly compiled = new LRUCache<string, CompiledPage>({
    max: 5_000,
    dispose: (page) => (page.dropped = true),
  });

  constructor(
    private readonly environment: string,
    private readonly caches: PageCaches,
    /** A layout names a promo that is not live. Called once per compiled plan. */
    private readonly onMissing: (page: PageName, promoKeys: string[]) => void,
    private readonly markets: SlotMarkets = NO_MARKETS,
  ) {}

  /**
   * What a visitor sees of a page now; `undefined` where the site has no such page. `jurisdiction` is the one whose
   * markets are shown, whatever the visitor says.
   */
  select(state: LiveState, page: string, visitor: Visitor, now: number, jurisdiction: string): Selected | undefined {
    const name = { site: visitor.site, page, environment: this.environment };
    const compiled = this.compile(state, name, now);
    if (!compiled) return undefined;
    const signature = signatureOf(compiled.plan, visitor);
    const selectionName = `${compiled.id}|${signature.join(',')}${compiled.plan.hasMarkets ? `|${jurisdiction}` : ''}`;
    const known = this.caches.selections.get(selectionName);
    const ready = known?.isGood(now) ? this.body(known) : undefined;
    if (known && ready) return { selection: known, body: ready };

    const resolved = resolve(compiled.plan, signature, now);
    const lists = this.listsOf(resolved, { ...name, jurisdiction });
    const shown = resolved.slots
      .map((slot) =>
        slot.shown.map(({ id }) => `${id}${lists?.has(id) ? `=${JSON.stringify(lists.get(id))}` : ''}`).join(','),
      )
      .join(';');
    const dependsOn = lists && { of: this.markets, version: this.markets.version };
    const selection = new Selection(
      compiled,
      `${compiled.id}|${shown}|${resolved.validUntil}`,
      now,
      resolved.validUntil,
      dependsOn,
    );
    this.caches.selections.set(selectionName, selection);
    return {
      selection,
      body: this.body(selection) ?? this.prepare(selection, renderPage(name, resolved, compiled.written, lists)),
    };
  }

  /** The markets of each slot that shows some, by candidate; `undefined` where none does. */
  private listsOf(
    { slots }: Resolved,
    view: { environment: string; site: string; jurisdiction: string },
  ): ReadonlyMap<number, readonly string[]> | undefined {
    const lists = new Map<number, readonly string[]>();
    for (const { shown } of slots)
      for (const { id, content } of shown)
        if (content.type === 'markets') lists.set(id, this.markets.list(view, content.markets));
    return lists.size > 0 ? lists : undefined;
  }

  /** The body, unless it had to make room for others. */
  body(selection: Selection): PreparedBody | undefined {
    return this.caches.bodies.get(selection.bodyName);
  }

  private prepare(selection: Selection, json: string): PreparedBody {
    const body = new PreparedBody(json);
    this.caches.bodies.set(selection.bodyName, body);
    return body;
  }

  /** Forgets pages that a release may have changed, by `site/page`. */
  drop(pages: Iterable<string>): void {
    for (const page of pages) this.compiled.delete(page);
  }

  dropAll(): void {
    this.compiled.clear();
  }

  private compile(state: LiveState, name: PageName, now: number): CompiledPage | undefined {
    const path = `${name.site}/${name.page}`;
    const known = this.compiled.get(path);
    // A clock that was set back wants what was over by then: compiled again.
    if (known && now >= known.since) return known;
    const layout = state.layout(name.site, name.page);
    if (!layout) return undefined;
    const plan = compilePage({ ref: layout.document.ref, body: layout.body }, promosOf(state, name.site), now);
    if (plan.missing.length > 0) this.onMissing(name, plan.missing);
    const compiled = new CompiledPage(this.caches.nextPageId(), plan, now);
    this.compiled.set(path, compiled);
    return compiled;
  }
}

function promosOf(state: LiveState, site: string) {
  return {
    byKey: (key: string): PlannedPromo | undefined => {
      const found = state.promo(site, key);
      return found && { ref: found.document.ref, key, body: found.body };
    },
    *byTags(tags: readonly string[]): Iterable<PlannedPromo> {
      for (const { document, body } of state.promosByTags(site, tags)) {
        yield { ref: document.ref, key: document.ref.slice(document.ref.lastIndexOf('/') + 1), body };
      }
    },
  };
}
