import { ALL_SITES, type AnyRef, formatRef, type LayoutBody, type PromoBody, type StateHash } from '#contracts';
import type { Blob } from './blob-arena.js';
import type { DecodedBody, MarketDocument } from './decode-body.js';
import { LayoutIndex } from './layout-index.js';
import { TagIndex } from './tag-index.js';

/** One live document, as small as can be: there are 100,000 of them. */
export class LiveDocument {
  constructor(
    readonly ref: string,
    readonly blob: Blob,
    /** Higher comes first among promos chosen by tag. */
    readonly priority: number,
  ) {}
}

/** What one document becomes: its checked body, or `null` where it is removed. */
export interface DocumentUpdate {
  ref: AnyRef;
  next: { blob: Blob; decoded: DecodedBody } | null;
}

/** An update with all that takes time already done. Good as long as the state does not change in between. */
export interface PreparedUpdate extends DocumentUpdate {
  previous: { document: LiveDocument; decoded: DecodedBody } | undefined;
}

/** Names one history of an environment and a place in it. */
export interface Position {
  epoch: string;
  seq: number;
  stateHash: StateHash;
}

/** Everything live in one environment, with the indexes that pages are put together from. Holds no bodies but by blob. */
export class LiveState {
  private readonly byRef = new Map<string, LiveDocument>();
  private readonly tags = new TagIndex();
  private readonly layouts = new LayoutIndex();
  /** Market rules and feeds: few among many, read together. */
  private readonly forMarkets = new Map<string, { readonly ref: AnyRef; readonly document: LiveDocument }>();

  constructor(
    public position: Position,
    /** The decoded body of a blob; cached there. */
    private readonly decode: (kind: string, blob: Blob) => DecodedBody,
  ) {}

  get size(): number {
    return this.byRef.size;
  }

  documents(): Iterable<LiveDocument> {
    return this.byRef.values();
  }

  find(ref: AnyRef): LiveDocument | undefined {
    return this.byRef.get(formatRef(ref));
  }

  /** Everything about an update that takes time, so that {@link set} takes next to none. */
  prepare(update: DocumentUpdate): PreparedUpdate {
    const document = this.find(update.ref);
    return { ...update, previous: document && { document, decoded: this.decode(update.ref.kind, document.blob) } };
  }

  /** Replaces one document and returns the blob that is live no more, for the caller to release. The hold on `next.blob` passes to the state. */
  set({ ref, next, previous }: PreparedUpdate): Blob | undefined {
    if (previous) this.unindex(ref, previous);
    if (next) this.index(ref, next);
    else this.byRef.delete(formatRef(ref));
    return previous?.document.blob;
  }

  /** A site's own document, else the one for all sites. */
  promo(site: string, key: string): { document: LiveDocument; body: PromoBody } | undefined {
    const own = this.find({ kind: 'promo', site, key }) ?? this.find({ kind: 'promo', site: ALL_SITES, key });
    return own && this.promoOf(own);
  }

  /** The layout of a page: the site's own, else the one for all sites. */
  layout(site: string, page: string): { document: LiveDocument; body: LayoutBody } | undefined {
    const document = this.layouts.of(site, page) ?? this.layouts.of(ALL_SITES, page);
    if (!document) return undefined;
    const decoded = this.decode('layout', document.blob);
    return decoded.kind === 'layout' ? { document, body: decoded.body } : undefined;
  }

  /** The promos that a site sees under all of the tags, by priority, then key; read one by one, for there may be many. */
  *promosByTags(site: string, tags: readonly string[]): Iterable<{ document: LiveDocument; body: PromoBody }> {
    for (const document of this.tags.select(site, tags)) {
      if (this.isShadowed(site, document)) continue;
      const promo = this.promoOf(document);
      if (tags.every((tag) => promo?.body.tags?.includes(tag))) if (promo) yield promo;
    }
  }

  /** Everything that says how markets are shown, in the order of their names. */
  marketDocuments(): { ref: AnyRef; document: LiveDocument; decoded: MarketDocument }[] {
    const names = [...this.forMarkets.keys()].sort();
    return names.flatMap((name) => {
      const found = this.forMarkets.get(name);
      const decoded = found && this.decode(found.ref.kind, found.document.blob);
      return found && (decoded?.kind === 'market-rule' || decoded?.kind === 'odds-feed') ? [{ ...found, decoded }] : [];
    });
  }

  /**
   * The pages, as `site/page` of concrete sites, that an update may change. Where a release changes layouts too, their
   * own updates name the pages, so the layouts as they are now suffice for promos.
   */
  pagesOf({ ref, next, previous }: PreparedUpdate, sites: readonly string[]): Set<string> {
    const pages = new Set<string>();
    const versions = [previous?.decoded, next?.decoded];
    for (const version of versions) {
      if (version?.kind === 'layout') for (const shown of this.sitesShowing(ref.site, version.body.page, sites)) pages.add(shown);
    }
    if (ref.kind !== 'promo') return pages;
    for (const tags of this.tagsConcerned(ref, versions)) {
      for (const { site, page } of this.layouts.using(ref.key, tags)) {
        for (const shown of this.sitesShowing(site, page, sites)) {
          if (ref.site === ALL_SITES || shown.startsWith(`${ref.site}/`)) pages.add(shown);
        }
      }
    }
    return pages;
  }

  /** The tags of both versions, and of the promo for all sites that a site's own hides or uncovers. */
  private tagsConcerned(ref: AnyRef, versions: (DecodedBody | undefined)[]): string[][] {
    const everywhere = ref.site === ALL_SITES ? undefined : this.find({ ...ref, site: ALL_SITES });
    const bodies = [...versions, everywhere && this.decode('promo', everywhere.blob)];
    return bodies.map((decoded) => (decoded?.kind === 'promo' ? (decoded.body.tags ?? []) : []));
  }

  /** Where a layout is the one that is shown. */
  private sitesShowing(site: string, page: string, sites: readonly string[]): string[] {
    if (site !== ALL_SITES) return [`${site}/${page}`];
    return sites.filter((candidate) => !this.layouts.of(candidate, page)).map((candidate) => `${candidate}/${page}`);
  }

  private promoOf(document: LiveDocument): { document: LiveDocument; body: PromoBody } | undefined {
    const decoded = this.decode('promo', document.blob);
    return decoded.kind === 'promo' ? { document, body: decoded.body } : undefined;
  }

  /** A promo for all sites gives way to the site's own of the same key, also where that one has other tags. */
  private isShadowed(site: string, { ref }: LiveDocument): boolean {
    const key = keyOf(ref);
    return ref.startsWith(`promo/${ALL_SITES}/`) && this.find({ kind: 'promo', site, key }) !== undefined;
  }

  private index(ref: AnyRef, { blob, decoded }: NonNullable<DocumentUpdate['next']>): void {
    const document = new LiveDocument(formatRef(ref), blob, decoded.kind === 'promo' ? (decoded.body.priority ?? 0) : 0);
    this.byRef.set(document.ref, document);
    if (decoded.kind === 'promo') this.tags.add(ref.site, decoded.body.tags ?? [], document);
    if (decoded.kind === 'layout') this.layouts.add(ref.site, decoded.body, document);
    if (decoded.kind === 'market-rule' || decoded.kind === 'odds-feed') this.forMarkets.set(document.ref, { ref, document });
  }

  private unindex(ref: AnyRef, { document, decoded }: NonNullable<PreparedUpdate['previous']>): void {
    if (decoded.kind === 'promo') this.tags.remove(ref.site, decoded.body.tags ?? [], document);
    if (decoded.kind === 'layout') this.layouts.remove(ref.site, decoded.body, document);
    this.forMarkets.delete(document.ref);
  }
}

function keyOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}
