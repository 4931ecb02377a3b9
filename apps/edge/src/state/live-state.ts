import {
  ALL_SITES,
  type AnyRef,
  EMPTY_STATE,
  formatRef,
  type LandedChange,
  type LayoutBody,
  type PromoBody,
  type StateHash,
} from '@paddock/contracts';
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

  /** Why its body cannot be used here; `undefined` for nearly every document. */
  get refused(): string | undefined {
    return undefined;
  }

  /** The body that readers see; `undefined` where they see none. */
  get shown(): Blob | undefined {
    return this.blob;
  }

  /** Whatever the arena must keep for it. */
  get held(): readonly Blob[] {
    return [this.blob];
  }
}

/** A live document whose body does not fit: its last good body stays what readers see. It is live as it is for all else, such as hashes and manifests. */
export class RefusedDocument extends LiveDocument {
  constructor(
    ref: string,
    blob: Blob,
    priority: number,
    private readonly reason: string,
    private readonly lastGood: Blob | undefined,
  ) {
    super(ref, blob, priority);
  }

  override get refused(): string {
    return this.reason;
  }

  override get shown(): Blob | undefined {
    return this.lastGood;
  }

  override get held(): readonly Blob[] {
    return this.lastGood ? [this.blob, this.lastGood] : [this.blob];
  }
}

/** A body that a document becomes. Of one that is refused `decoded` is what is shown instead: its last good body, or nothing. */
export interface NextBody {
  readonly blob: Blob;
  readonly decoded: DecodedBody;
  readonly refused?: string;
  readonly lastGood?: Blob;
}

/** A document's new version: its body, or `null` where it is removed. */
export interface DocumentUpdate {
  ref: AnyRef;
  next: NextBody | null;
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
  private readonly refusals = new Map<string, RefusedDocument>();
  private place: Position;

  constructor(
    position: Position,
    /** The decoded body of a blob; cached there. */
    private readonly decode: (kind: string, blob: Blob) => DecodedBody,
    /** The newest position whose release brought no document that is refused: what this edge may say that it applied. */
    public proved: Position = position,
  ) {
    this.place = position;
  }

  get position(): Position {
    return this.place;
  }

  /** Moves to where these releases led, after their documents were set; without any, the position alone is new. */
  arrive(position: Position, changes: readonly Pick<LandedChange, 'seq' | 'stateHash' | 'items'>[]): void {
    this.place = position;
    const newest = changes.findLast((change) => this.refusedIn(change) === undefined);
    if (newest) this.proved = { epoch: position.epoch, seq: newest.seq, stateHash: newest.stateHash };
    else if (changes.length === 0) this.proved = position;
    else if (this.proved.seq >= position.seq || this.proved.epoch !== position.epoch)
      this.proved = { epoch: position.epoch, seq: 0, stateHash: EMPTY_STATE };
  }

  /** Documents that are live and refused here. */
  get refused(): readonly RefusedDocument[] {
    return [...this.refusals.values()];
  }

  /** Why a release is not applied here: documents that it brought are refused. */
  refusedIn({ items }: Pick<LandedChange, 'items'>): string | undefined {
    if (this.refusals.size === 0) return undefined;
    const found = items.flatMap((item) => {
      const document = this.refusals.get(formatRef(item));
      return document && document.blob.sha256 === item.sha256 ? [`${document.ref}: ${document.refused}`] : [];
    });
    return found.length > 0 ? found.join('; ') : undefined;
  }

  get size(): number {
    return this.byRef.size;
  }

  documents(): Iterable<LiveDocument> {
    return this.byRef.values();
  }

  find(ref: AnyRef): LiveDocument | undefined {
    return this.byRef.get(formatRef(ref));
  }

  /**
   * Everything about an update that takes time, so that {@link set} takes next to none.
   * @param before where the last good body of a refused document is looked for
   */
  prepare({ ref, next }: DocumentUpdate, before: LiveState = this): PreparedUpdate {
    const document = this.find(ref);
    const lastGood = next?.refused === undefined ? undefined : (next.lastGood ?? before.find(ref)?.shown);
    return {
      ref,
      next: next && lastGood ? { ...next, decoded: this.decode(ref.kind, lastGood), lastGood } : next,
      previous: document && { document, decoded: this.decodedOf(ref.kind, document) },
    };
  }

  /**
   * Replaces one document and returns the blobs that are live no more, for the caller to release. The hold on `next.blob`
   * passes to the state, and so does that on `next.lastGood` where it is not the document's own already.
   */
  set({ ref, next, previous }: PreparedUpdate): readonly Blob[] {
    if (previous) this.unindex(ref, previous);
    if (next) this.index(ref, next);
    else this.byRef.delete(formatRef(ref));
    const held = previous?.document.held ?? [];
    const staying = next?.lastGood ? held.lastIndexOf(next.lastGood) : -1;
    return staying < 0 ? held : held.toSpliced(staying, 1);
  }

  /** A site's own document, else the one for all sites. */
  promo(site: string, key: string): { document: LiveDocument; body: PromoBody } | undefined {
    const own = this.shown({ kind: 'promo', site, key }) ?? this.shown({ kind: 'promo', site: ALL_SITES, key });
    return own && this.promoOf(own);
  }

  /** The layout of a page: the site's own, else the one for all sites. */
  layout(site: string, page: string): { document: LiveDocument; body: LayoutBody } | undefined {
    const document = this.layouts.of(site, page) ?? this.layouts.of(ALL_SITES, page);
    if (!document) return undefined;
    const decoded = this.decodedOf('layout', document);
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
      const decoded = found && this.decodedOf(found.ref.kind, found.document);
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
      if (version?.kind === 'layout')
        for (const shown of this.sitesShowing(ref.site, version.body.page, sites)) pages.add(shown);
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
    const bodies = [...versions, everywhere && this.decodedOf('promo', everywhere)];
    return bodies.map((decoded) => (decoded?.kind === 'promo' ? (decoded.body.tags ?? []) : []));
  }

  /** Where a layout is the one that is shown. */
  private sitesShowing(site: string, page: string, sites: readonly string[]): string[] {
    if (site !== ALL_SITES) return [`${site}/${page}`];
    return sites.filter((candidate) => !this.layouts.of(candidate, page)).map((candidate) => `${candidate}/${page}`);
  }

  private promoOf(document: LiveDocument): { document: LiveDocument; body: PromoBody } | undefined {
    const decoded = this.decodedOf('promo', document);
    return decoded.kind === 'promo' ? { document, body: decoded.body } : undefined;
  }

  /** A promo for all sites gives way to the site's own of the same key, also where that one has other tags. */
  private isShadowed(site: string, { ref }: LiveDocument): boolean {
    const key = keyOf(ref);
    return ref.startsWith(`promo/${ALL_SITES}/`) && this.shown({ kind: 'promo', site, key }) !== undefined;
  }

  /** A document that readers see. */
  private shown(ref: AnyRef): LiveDocument | undefined {
    const document = this.find(ref);
    return document?.shown ? document : undefined;
  }

  private decodedOf(kind: string, { shown }: LiveDocument): DecodedBody {
    return shown ? this.decode(kind, shown) : { kind: 'other' };
  }

  private index(ref: AnyRef, { blob, decoded, refused, lastGood }: NextBody): void {
    const name = formatRef(ref);
    const priority = decoded.kind === 'promo' ? (decoded.body.priority ?? 0) : 0;
    const document =
      refused === undefined
        ? new LiveDocument(name, blob, priority)
        : new RefusedDocument(name, blob, priority, refused, lastGood);
    if (document instanceof RefusedDocument) this.refusals.set(name, document);
    this.byRef.set(document.ref, document);
    if (decoded.kind === 'promo') this.tags.add(ref.site, decoded.body.tags ?? [], document);
    if (decoded.kind === 'layout') this.layouts.add(ref.site, decoded.body, document);
    if (decoded.kind === 'market-rule' || decoded.kind === 'odds-feed')
      this.forMarkets.set(document.ref, { ref, document });
  }

  private unindex(ref: AnyRef, { document, decoded }: NonNullable<PreparedUpdate['previous']>): void {
    if (decoded.kind === 'promo') this.tags.remove(ref.site, decoded.body.tags ?? [], document);
    if (decoded.kind === 'layout') this.layouts.remove(ref.site, decoded.body, document);
    this.forMarkets.delete(document.ref);
    this.refusals.delete(document.ref);
  }
}

function keyOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}
