import type { LayoutBody } from '@paddock/contracts';
import type { LiveDocument } from './live-state.js';

interface Placed {
  site: string;
  page: string;
  tagSets: string[][];
}

/** Layouts by site and page, and by what they show. */
export class LayoutIndex {
  private readonly byPage = new Map<string, LiveDocument[]>();
  private readonly placed = new Map<LiveDocument, Placed>();
  private readonly byPromo = new Map<string, Set<LiveDocument>>();
  private readonly byTag = new Map<string, Set<LiveDocument>>();

  add(site: string, body: LayoutBody, document: LiveDocument): void {
    const placed = { site, page: body.page, tagSets: tagSetsOf(body) };
    this.placed.set(document, placed);
    const name = `${site}/${body.page}`;
    // One layout per site and page is the control plane's rule; should there be two, everyone must pick the same.
    this.byPage.set(
      name,
      [...(this.byPage.get(name) ?? []), document].sort((a, b) => (a.ref < b.ref ? -1 : 1)),
    );
    for (const key of promoKeysOf(body)) addTo(this.byPromo, key, document);
    for (const [first] of placed.tagSets) if (first !== undefined) addTo(this.byTag, first, document);
  }

  remove(site: string, body: LayoutBody, document: LiveDocument): void {
    const name = `${site}/${body.page}`;
    const left = this.byPage.get(name)?.filter((other) => other !== document) ?? [];
    if (left.length > 0) this.byPage.set(name, left);
    else this.byPage.delete(name);
    for (const key of promoKeysOf(body)) removeFrom(this.byPromo, key, document);
    for (const [first] of tagSetsOf(body)) if (first !== undefined) removeFrom(this.byTag, first, document);
    this.placed.delete(document);
  }

  of(site: string, page: string): LiveDocument | undefined {
    return this.byPage.get(`${site}/${page}`)?.[0];
  }

  /** The layouts that name a promo, or choose it by its tags. */
  *using(promoKey: string, tags: readonly string[]): Iterable<Placed> {
    const carried = new Set(tags);
    for (const document of this.byPromo.get(promoKey) ?? []) {
      const placed = this.placed.get(document);
      if (placed) yield placed;
    }
    for (const tag of carried) {
      for (const document of this.byTag.get(tag) ?? []) {
        const placed = this.placed.get(document);
        if (placed?.tagSets.some((set) => set.every((member) => carried.has(member)))) yield placed;
      }
    }
  }
}

function promoKeysOf(body: LayoutBody): string[] {
  return body.slots.flatMap((slot) => slot.items.flatMap((item) => item.promo ?? []));
}

function tagSetsOf(body: LayoutBody): string[][] {
  return body.slots.flatMap((slot) => slot.items.flatMap((item) => (item.promos ? [item.promos.tags] : [])));
}

function addTo(index: Map<string, Set<LiveDocument>>, name: string, document: LiveDocument): void {
  const documents = index.get(name);
  if (documents) documents.add(document);
  else index.set(name, new Set([document]));
}

function removeFrom(index: Map<string, Set<LiveDocument>>, name: string, document: LiveDocument): void {
  const documents = index.get(name);
  documents?.delete(document);
  if (documents?.size === 0) index.delete(name);
}
