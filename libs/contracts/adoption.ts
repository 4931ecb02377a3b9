/** How far a table's hand-over has come: who may change its rows. */
export const ADOPTION_MODES = ['OBSERVE', 'MIRROR', 'WRITE_BACK', 'RETIRED'] as const;
/**
 * `OBSERVE`: the old back office is the master, rows are imported by hand; `MIRROR`: it is still the master, and its
 * changes become drafts or releases by themselves; `WRITE_BACK`: Paddock is the master, and landed releases change the
 * rows; `RETIRED`: nothing reads or writes the table for Paddock any more.
 */
export type AdoptionMode = (typeof ADOPTION_MODES)[number];

/** The kinds of document that rows can become. */
export const ADOPTED_KINDS = ['promo', 'component', 'layout'] as const;
export type AdoptedKind = (typeof ADOPTED_KINDS)[number];

export const MIRROR_POLICIES = ['DRAFTS', 'RELEASES'] as const;
/** What a mirrored change becomes: a draft that somebody publishes, or a release that lands at once. */
export type MirrorPolicy = (typeof MIRROR_POLICIES)[number];

export const FILTER_OPERATORS = ['IN', 'NOT_IN', 'IS_NULL', 'IS_NOT_NULL'] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

export const COLUMN_ENCODINGS = ['DECLARED', 'UTF8_IN_LATIN1', 'LATIN1_IN_UTF8'] as const;
/**
 * What a column's bytes really are: as it declares; UTF-8 that was stored in a column of latin1 or of bytes; or UTF-8 that was read as
 * latin1 on its way into a UTF-8 column, so that `é` stands there as `Ã©`.
 */
export type ColumnEncoding = (typeof COLUMN_ENCODINGS)[number];

export const TRANSFORM_TYPES = [
  'TEXT', 'HTML_TEXT', 'HTML', 'URL', 'IMAGE', 'KEY', 'VALUES', 'NUMBER', 'PRIORITY', 'STATUS', 'LOCAL_TIME', 'UNIX_TIME',
] as const;
/**
 * How a column becomes a field.
 * `TEXT`: as it is; `HTML_TEXT`: plain text with character references (`&amp;`); `HTML`: markup, reduced to the safe
 * Markdown subset; `URL`: an address, perhaps HTML-escaped; `IMAGE`: a file name below `prefix`; `KEY`: made into a key
 * (`Wide-Banners` → `wide-banners`); `VALUES`: by a list of pairs; `NUMBER`: a whole number; `PRIORITY`: a sort order in
 * which small comes first, as a priority in which high does; `STATUS`: whether it is shown at all; `LOCAL_TIME`: a date or
 * date and time on the clocks of `timeZone`; `UNIX_TIME`: seconds since 1970.
 */
export type TransformType = (typeof TRANSFORM_TYPES)[number];

/** Which of the options a transform takes depends on its type. */
export interface AdoptionTransform {
  type: TransformType;
  /** Values that mean "none", besides NULL and the empty text: `0001-01-01 00:00:00`. The first one is written where a field is absent. */
  none?: string[];
  /** IANA zone of `LOCAL_TIME` and `UNIX_TIME`. */
  timeZone?: string;
  /** Put before the column's value, and taken off again: a path of images, the beginning of a key. */
  prefix?: string;
  /** `PRIORITY`: the priority of sort order 0. */
  top?: number;
  /** `STATUS`: the value of a row that is shown (`1` unless given) and of one that is not (`0`). */
  shown?: string;
  hidden?: string;
  /** `VALUES`: each value of the column with what it becomes. */
  values?: { column: string; field: string }[];
}

/** One column, and the field that it becomes. */
export interface AdoptionField {
  /** Path in the body: `cta.href`; in gathered documents also `slot`, `item.component`, `setting.name`, `setting.value`. */
  field: string;
  /** A column of the table, or `table.column` of the joined one. */
  column: string;
  transform: AdoptionTransform;
  encoding?: ColumnEncoding;
  /** Read, but never written back. */
  readOnly?: boolean;
}

/** A condition that rows must meet to be adopted; all of them must hold. */
export interface AdoptionFilter {
  column: string;
  operator: FilterOperator;
  /** For `IN` and `NOT_IN`. */
  values?: string[];
}

/** A second table whose columns belong to the same documents; each row has at most one partner there. */
export interface AdoptionJoin {
  table: string;
  on: { column: string; joined: string }[];
  /** Conditions on the joined table: `languages_id` IN `1`. */
  where?: AdoptionFilter[];
}

/** What the rows become. */
export interface AdoptedDocuments {
  kind: AdoptedKind;
  /** The site that they belong to; absent for all sites. */
  site?: string;
  /** What their keys begin with; the row's key follows: `banner-` makes `banner-7`. */
  keyPrefix: string;
  /** Rows that share the values of these columns become one document together: the boxes of a layout, the settings of a group. */
  gatherBy?: string[];
}

export interface AdoptionMirror {
  /** Seconds from the end of one look at the table to the next. */
  everySeconds: number;
  policy: MirrorPolicy;
}

/** How a table of an existing back office becomes documents, and who may change it. */
export interface AdoptionBody {
  name: string;
  /** Key of the source that has the table. */
  source: string;
  /** The environment that it works for: mirrored releases land there, and what lands there is written back. */
  environment: string;
  mode: AdoptionMode;
  table: string;
  /** Columns whose values together name a row. */
  key: string[];
  join?: AdoptionJoin;
  where?: AdoptionFilter[];
  documents: AdoptedDocuments;
  fields: AdoptionField[];
  /** Fields that are the same in every document. */
  fixed?: { field: string; value: string | number }[];
  mirror?: AdoptionMirror;
  /** Foreign keys and triggers of the old database by whose effects writes may reach further than their rows, by name. */
  accepts?: string[];
}
