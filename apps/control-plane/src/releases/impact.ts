import { ALL_SITES, type Audience } from '@paddock/contracts';
import type { Reach, Reference } from '../documents/config-kind.js';
import { StateView } from './after-state.js';
import type { Impact, KindOf, PinnedBody, PlanInput, PlannedItem } from './plan.js';

/** Which sites, pages, slots and jurisdictions will see a difference. */
export function assessImpact(input: PlanInput, kindOf: KindOf): Impact {
  const pages = new PageSet();
  const sites = new Set<string>();
  const jurisdictions = new Set<string>();
  const reachOf = (body: PinnedBody | null) => (body ? kindOf(body.ref.kind).reach(body.body) : undefined);
  const layouts = [...StateView.before(input).bodies, ...StateView.after(input).bodies];

  for (const item of input.items) {
    const reaches = [reachOf(item.live), reachOf(item.pinned)].flatMap((reach) => (reach ? [reach] : []));
    const where = sitesOf(item, reaches, input.sites);
    for (const site of where) sites.add(site.key);
    for (const name of jurisdictionsOf(reaches, where)) jurisdictions.add(name);

    for (const place of changedPlaces(reaches)) {
      for (const site of where) pages.add(site.key, place.page, place.slot);
    }
    for (const layout of layouts) {
      for (const place of reachOf(layout)?.places ?? []) {
        if (!place.targets.some((target) => pointsAt(target, item, reaches))) continue;
        const shown = layout.ref.site === ALL_SITES ? where : where.filter((site) => site.key === layout.ref.site);
        for (const site of shown) pages.add(site.key, place.page, place.slot);
      }
    }
  }
  return { sites: [...sites].sort(), pages: pages.sorted(), jurisdictions: [...jurisdictions].sort() };
}

type Site = PlanInput['sites'][number];

function sitesOf(item: PlannedItem, reaches: readonly Reach[], all: readonly Site[]): Site[] {
  const own = item.ref.site === ALL_SITES ? all : all.filter((site) => site.key === item.ref.site);
  const wanted = restriction(reaches, (audience) => audience.sites);
  return wanted ? own.filter((site) => wanted.has(site.key)) : [...own];
}

function jurisdictionsOf(reaches: readonly Reach[], sites: readonly Site[]): string[] {
  const wanted = restriction(reaches, (audience) => audience.jurisdictions);
  return wanted ? [...wanted] : sites.map((site) => site.jurisdiction);
}

/** The union of the values of all audiences; `undefined` if one of them restricts nothing. */
function restriction(
  reaches: readonly Reach[],
  values: (audience: Audience) => string[] | undefined,
): Set<string> | undefined {
  const lists = reaches.flatMap((reach) => (reach.audiences.length > 0 ? reach.audiences.map(values) : [undefined]));
  return lists.length > 0 && lists.every((list) => list !== undefined) ? new Set(lists.flat()) : undefined;
}

/** For a layout: the slots whose content changes. */
function changedPlaces(reaches: readonly Reach[]): { page: string; slot: string }[] {
  const places = reaches.flatMap((reach) => reach.places);
  const count = new Map<string, number>();
  for (const place of places) {
    const content = JSON.stringify(place);
    count.set(content, (count.get(content) ?? 0) + 1);
  }
  return places.filter((place) => reaches.length === 1 || count.get(JSON.stringify(place)) === 1);
}

function pointsAt(target: Reference, item: PlannedItem, reaches: readonly Reach[]): boolean {
  if (target.kind !== item.ref.kind) return false;
  return 'tag' in target ? reaches.some((reach) => reach.tags.includes(target.tag)) : target.key === item.ref.key;
}

class PageSet {
  private readonly slots = new Map<string, { site: string; page: string; slots: Set<string> }>();

  add(site: string, page: string, slot: string): void {
    const id = `${site}/${page}`;
    const entry = this.slots.get(id) ?? { site, page, slots: new Set<string>() };
    entry.slots.add(slot);
    this.slots.set(id, entry);
  }

  sorted(): Impact['pages'] {
    return [...this.slots.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { site, page, slots }]) => ({ site, page, slots: [...slots].sort() }));
  }
}
