import { parseRichText } from '@paddock/rich-text';
import type { Candidate, Content } from './page-plan.js';
import type { Resolved } from './resolve.js';

/** The members of a page's body besides its slots. */
export interface PageName {
  site: string;
  page: string;
  environment: string;
}

/** A page's body as JSON, for further use in code. */
export interface PageBody extends PageName {
  validUntil: string | null;
  slots: { name: string; items: PageItem[] }[];
}

/** An item of a page; further members by its type. */
export interface PageItem {
  type: 'promo' | 'component' | 'markets';
  validUntil?: string;
}

/** Reads a body that {@link renderPage} wrote. */
export function parsePage(bytes: Buffer): PageBody {
  const page: PageBody = JSON.parse(bytes.toString('utf8'));
  return page;
}

/**
 * Writes a page's body: content alone, no seq and no time of day, so equal content has equal bytes and an unrelated
 * release changes nothing. Items are written once per plan and kept in `written`, but for those that show `markets`.
 */
export function renderPage(
  name: PageName,
  resolved: Resolved,
  written: Map<number, string>,
  markets?: ReadonlyMap<number, readonly string[]>,
): string {
  const slots = resolved.slots.map(
    ({ name: slot, shown }) =>
      `{"name":${JSON.stringify(slot)},"items":[${shown.map((one) => item(one, written, markets?.get(one.id))).join(',')}]}`,
  );
  const { site, page, environment } = name;
  const head = JSON.stringify({ site, page, environment, validUntil: instant(resolved.validUntil) ?? null });
  return `${head.slice(0, -1)},"slots":[${slots.join(',')}]}`;
}

function item(candidate: Candidate, written: Map<number, string>, markets: readonly string[] | undefined): string {
  if (markets) return JSON.stringify({ ...content(candidate.content), markets, validUntil: instant(candidate.to) });
  let json = written.get(candidate.id);
  if (json === undefined) {
    json = JSON.stringify({ ...content(candidate.content), validUntil: instant(candidate.to) });
    written.set(candidate.id, json);
  }
  return json;
}

/** Members that are `undefined` are left out of the JSON. */
function content(shown: Content): object {
  switch (shown.type) {
    case 'promo': {
      const { title, subtitle, text, image, cta, badge, terms, tags, component, props } = shown.promo.body;
      const tree = text === undefined ? undefined : parseRichText(text).tree;
      return {
        type: 'promo',
        key: shown.promo.key,
        title,
        subtitle,
        text: tree,
        image,
        cta,
        badge,
        terms,
        tags,
        component,
        props,
      };
    }
    case 'component':
      return { type: 'component', component: shown.component, props: shown.props };
    case 'markets': {
      const { sport, competition, limit } = shown.markets;
      return { type: 'markets', query: { sport, competition, limit } };
    }
  }
}

/** RFC 3339 in UTC; `undefined` for an end that never comes. */
function instant(at: number): string | undefined {
  return Number.isFinite(at) ? new Date(at).toISOString() : undefined;
}
