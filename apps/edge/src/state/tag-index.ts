import { ALL_SITES } from '@paddock/contracts';
import type { LiveDocument } from './live-state.js';

/** Promos by site and tag, kept in the order in which they are shown, so that choosing a few of many reads only those. */
export class TagIndex {
  private readonly bySiteAndTag = new Map<string, LiveDocument[]>();
  /** No reader asks while a state is being built, and inserting 100,000 promos in order one by one would take seconds. */
  private gathering = true;

  add(site: string, tags: readonly string[], document: LiveDocument): void {
    for (const tag of new Set(tags)) {
      const name = `${site}/${tag}`;
      const documents = this.bySiteAndTag.get(name);
      if (!documents) this.bySiteAndTag.set(name, [document]);
      else if (this.gathering) documents.push(document);
      else documents.splice(placeOf(documents, document), 0, document);
    }
  }

  /** Ends the building: from here on everything is in its place. */
  sort(): void {
    if (!this.gathering) return;
    this.gathering = false;
    for (const documents of this.bySiteAndTag.values()) documents.sort(compare);
  }

  remove(site: string, tags: readonly string[], document: LiveDocument): void {
    this.sort();
    for (const tag of new Set(tags)) {
      const name = `${site}/${tag}`;
      const documents = this.bySiteAndTag.get(name);
      if (!documents) continue;
      const place = placeOf(documents, document);
      if (documents[place] === document) documents.splice(place, 1);
      if (documents.length === 0) this.bySiteAndTag.delete(name);
    }
  }

  /** In showing order, whatever carries the rarest of the tags, on the site and on all sites; the caller checks the others. */
  *select(site: string, tags: readonly string[]): Iterable<LiveDocument> {
    this.sort();
    const own = this.rarest(site, tags);
    const everywhere = site === ALL_SITES ? [] : this.rarest(ALL_SITES, tags);
    let i = 0;
    let j = 0;
    for (;;) {
      const a = own[i];
      const b = everywhere[j];
      if (a && (!b || compareAcrossSites(a, b) < 0)) {
        yield a;
        i += 1;
      } else if (b) {
        yield b;
        j += 1;
      } else {
        return;
      }
    }
  }

  private rarest(site: string, tags: readonly string[]): readonly LiveDocument[] {
    let rarest: readonly LiveDocument[] | undefined;
    for (const tag of tags) {
      const documents = this.bySiteAndTag.get(`${site}/${tag}`) ?? [];
      if (!rarest || documents.length < rarest.length) rarest = documents;
    }
    return rarest ?? [];
  }
}

/** By priority, the highest first, then by key: references of one kind and site differ in nothing else. */
function compare(a: LiveDocument, b: LiveDocument): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.ref < b.ref ? -1 : Number(a.ref > b.ref);
}

function compareAcrossSites(a: LiveDocument, b: LiveDocument): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  const keyA = a.ref.slice(a.ref.lastIndexOf('/'));
  const keyB = b.ref.slice(b.ref.lastIndexOf('/'));
  return keyA < keyB ? -1 : Number(keyA > keyB);
}

function placeOf(documents: readonly LiveDocument[], document: LiveDocument): number {
  let low = 0;
  let high = documents.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = documents[middle];
    if (there && compare(there, document) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
