import { compileAudience, scheduleInstants } from '@paddock/audience';
import { type AdoptionBody, ALL_SITES, type LayoutBody, type PromoBody } from '@paddock/contracts';
import {
  compilePage,
  type PageBody,
  parsePage,
  type PlannedPromo,
  renderPage,
  resolve,
  signatureOf,
} from '@paddock/layouts';
import type { Candidate } from '../import/candidates.js';
import type { Proposal } from '../inspection/proposal.js';

/** A document that rows would become. */
export type MadeDocument = { key: string } & (
  { kind: 'promo'; body: PromoBody } | { kind: 'layout'; body: LayoutBody } | { kind: 'component' }
);

/** The document of a candidate, as far as pages have use for it. */
export function madeDocument({ key, made }: Candidate, { documents: { kind } }: AdoptionBody): MadeDocument[] {
  if (key === undefined || !made) return [];
  if (kind === 'component') return [{ kind, key }];
  if (kind === 'promo') {
    const body: PromoBody = JSON.parse(made.body);
    return [{ kind, key, body }];
  }
  const body: LayoutBody = JSON.parse(made.body);
  return [{ kind, key, body }];
}

/** A page as the edge would serve it. */
export interface RenderedPage {
  site: string;
  /** The visitor's language. */
  locale: string | undefined;
  page: string;
  body: PageBody;
  /** Promos that some visitors may see, but that have no place on the page. */
  unplaced: number;
  /** Is there a layout among the documents? Otherwise every tag is a slot, and promos without one stand together. */
  hasLayout: boolean;
}

export interface Homepage extends RenderedPage {
  /** As the back office writes it. */
  language: string | undefined;
  shop: string | undefined;
}

export interface PageRequest {
  documents: readonly MadeDocument[];
  site: string | undefined;
  environment: string;
  page: string;
  locale: string | undefined;
  now: number;
}

const MAX_LIMIT = 100;

/** Renders a page of documents by the code of the edge; `undefined` where they make none. Pure. */
export function renderHomepage({
  documents,
  site = ALL_SITES,
  environment,
  page,
  locale,
  now,
}: PageRequest): RenderedPage | undefined {
  const promos = documents.flatMap((one): PlannedPromo[] =>
    one.kind === 'promo' ? [{ ref: `promo/${site}/${one.key}`, key: one.key, body: one.body }] : [],
  );
  const layouts = documents.flatMap((one) => (one.kind === 'layout' && one.body.page === page ? [one] : []));
  if (promos.length === 0 && layouts.length === 0) return undefined;
  const sorted = promos.toSorted((a, b) => (b.body.priority ?? 0) - (a.body.priority ?? 0) || (a.key < b.key ? -1 : 1));
  const hasLayout = layouts.length > 0;
  const body: LayoutBody = { page, slots: hasLayout ? layouts.flatMap((one) => one.body.slots) : slotsByTag(sorted) };
  const source = {
    byKey: (key: string) => promos.find((promo) => promo.key === key),
    byTags: (tags: readonly string[]) => sorted.filter((promo) => tags.every((tag) => promo.body.tags?.includes(tag))),
  };
  const visitor = { site, jurisdiction: '', segments: new Set<string>(), ...(locale === undefined ? {} : { locale }) };
  const plan = compilePage({ ref: `layout/${site}/${page}`, body }, source, now);
  const rendered = renderPage({ site, page, environment }, resolve(plan, signatureOf(plan, visitor), now), new Map());
  const parsed = parsePage(Buffer.from(rendered, 'utf8'));
  const placed = new Set(
    parsed.slots.flatMap(({ items }) => items.flatMap((item) => ('key' in item ? [item.key] : []))),
  );
  const shown = promos.filter(({ key, ref, body: promo }) => {
    const { from, to } = scheduleInstants(promo.schedule);
    return !placed.has(key) && from <= now && now < to && compileAudience(promo.audience, ref)(visitor);
  });
  return { site, locale, page, body: parsed, unplaced: shown.length, hasLayout };
}

/** Nothing says yet what stands where: a slot for every tag, and one for promos without. */
function slotsByTag(promos: readonly PlannedPromo[]): LayoutBody['slots'] {
  const tags = [...new Set(promos.flatMap(({ body }) => body.tags ?? []))].toSorted();
  const untagged = promos.filter(({ body }) => (body.tags ?? []).length === 0).slice(0, MAX_LIMIT);
  return [
    ...tags.map((tag) => ({ name: tag, items: [{ promos: { tags: [tag], limit: MAX_LIMIT } }] })),
    ...(untagged.length > 0 ? [{ name: 'promos', items: untagged.map(({ key }) => ({ promo: key })) }] : []),
  ];
}

/** One view of a back office: a language, a shop. */
export interface View {
  choice: { language?: string; shop?: string };
  shop: string | undefined;
}

const MAX_VIEWS = 8;

/** The views that proposals have: first the one that was asked for, or the one that is taken unasked, then every other language and shop. */
export function viewsOf(proposals: readonly Pick<Proposal, 'scope'>[], chosen: View['choice']): View[] {
  const scopes = proposals.flatMap(({ scope }) => scope ?? []);
  const first: View = { choice: chosen, shop: chosen.shop ?? scopes.find(({ shop }) => shop !== undefined)?.shop };
  if (chosen.language !== undefined || chosen.shop !== undefined) return [first];
  const languages = new Set(scopes.flatMap(({ otherLanguages }) => otherLanguages));
  const shops = new Set(scopes.flatMap(({ otherShops }) => otherShops));
  return [
    first,
    ...[...languages].map((language): View => ({ choice: { language }, shop: first.shop })),
    ...[...shops].map((shop): View => ({ choice: { shop }, shop })),
  ].slice(0, MAX_VIEWS);
}
