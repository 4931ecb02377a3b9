/** The kinds of config document that artefacts can carry, by their names on the wire. A new kind adds its name here. */
export const KINDS = [
  'promo',
  'component',
  'layout',
  'adoption',
  'event-schema',
  'metric',
  'exploration',
  'proxy-upstream',
  'market-rule',
  'odds-feed',
] as const;
export type KindName = (typeof KINDS)[number];

/** The site of a document that holds for all sites. */
export const ALL_SITES = '*';

/** Identifies a document: kind, site (`*` for all sites) and key. */
export interface DocumentRef {
  kind: KindName;
  site: string;
  key: string;
}

/** Keys of documents, sites, pages, slots and tags: lower-case words joined by `-`, `_` or `.`. */
export const KEY_PATTERN = /^[a-z0-9]+(?:[-_.][a-z0-9]+)*$/;
export const MAX_KEY_LENGTH = 100;

/** A reference whose kind this version may not know: artefacts of a newer control plane are still passed on. */
export interface AnyRef {
  kind: string;
  site: string;
  key: string;
}

/** `promo/acme-uk/summer-sale`: a reference as text, for hash fields, logs and maps. */
export function formatRef(ref: AnyRef): string {
  return `${ref.kind}/${ref.site}/${ref.key}`;
}

/** The inverse of {@link formatRef}; `undefined` where the text names no known kind. */
export function parseRef(text: string): DocumentRef | undefined {
  const [kind, site, key, ...rest] = text.split('/');
  const known = KINDS.find((name) => name === kind);
  if (!known || !site || !key || rest.length > 0) return undefined;
  return { kind: known, site, key };
}
