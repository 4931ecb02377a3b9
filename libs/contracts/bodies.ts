import type { Json } from './canonical-json.js';

/** The visitors that see a document. Every list that is present must contain the visitor's value; an absent list excludes no visitor. */
export interface Audience {
  sites?: string[];
  /** ISO 3166 codes, upper case: `GB`, `US-NJ`. */
  jurisdictions?: string[];
  /** BCP 47 tags; `en` matches `en-GB` (RFC 4647 basic filtering). */
  locales?: string[];
  devices?: Device[];
  /** The visitor is in at least one of these segments. */
  segments?: string[];
  /** Share of visitors, 0 to 100, stable per visitor and document. */
  percentage?: number;
}

export const DEVICES = ['desktop', 'mobile', 'tablet', 'app'] as const;
export type Device = (typeof DEVICES)[number];

/** Shown from `from` (inclusive) to `to` (exclusive), local date-times without offset in `timeZone` (an IANA name). */
export interface Schedule {
  from?: string;
  to?: string;
  timeZone: string;
}

export interface Image {
  /** `https:` or a relative path. */
  url: string;
  alt: string;
}

export interface CallToAction {
  label: string;
  /** `https:` or a relative path. */
  href: string;
}

export interface PromoBody {
  title: string;
  subtitle?: string;
  /** The safe Markdown subset, as written. */
  text?: string;
  image?: Image;
  cta?: CallToAction;
  badge?: string;
  terms?: string;
  tags?: string[];
  /** Higher comes first where promos are chosen by tag. */
  priority?: number;
  audience?: Audience;
  schedule?: Schedule;
  /** Key of the component that renders it; `props` must fit its schema. */
  component?: string;
  props?: { [name: string]: Json };
}

export interface ComponentBody {
  name: string;
  description?: string;
  /** JSON Schema 2020-12. */
  propsSchema: { [name: string]: Json };
}

/** Exactly one of `promo`, `promos`, `component`, `markets`. */
export interface LayoutItem {
  promo?: string;
  /** Promos that carry all of these tags, by priority, then key. */
  promos?: { tags: string[]; limit: number };
  component?: string;
  props?: { [name: string]: Json };
  markets?: { sport: string; competition?: string; limit: number };
  audience?: Audience;
  schedule?: Schedule;
}

export interface LayoutSlot {
  name: string;
  items: LayoutItem[];
}

export interface LayoutBody {
  page: string;
  slots: LayoutSlot[];
}
