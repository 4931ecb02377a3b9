/** The stage of a table's hand-over: which system may change its rows. */
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
/** What a mirrored change becomes: a draft that a user publishes, or a release that lands at once. */
export type MirrorPolicy = (typeof MIRROR_POLICIES)[number];

export const FILTER_OPERATORS = ['IN', 'NOT_IN', 'IS_NULL', 'IS_NOT_NULL', 'IS_EMPTY', 'IS_NOT_EMPTY'] as const;
/** How a filter compares. `IS_EMPTY`: NULL, the empty text, or the number 0. NULL passes every `NOT_IN`. */
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

export const COLUMN_ENCODINGS = ['DECLARED', 'UTF8_IN_LATIN1', 'LATIN1_IN_UTF8'] as const;
/**
 * The actual encoding of a column's bytes: as declared; UTF-8 that was stored in a column of latin1 or of bytes; or UTF-8 that was read as
 * latin1 on its way into a UTF-8 column, so that `é` stands there as `Ã©`.
 */
export type ColumnEncoding = (typeof COLUMN_ENCODINGS)[number];

export const TRANSFORM_TYPES = [
  'TEXT',
  'HTML_TEXT',
  'HTML',
  'ESCAPED_HTML',
  'URL',
  'IMAGE',
  'KEY',
  'VALUES',
  'NUMBER',
  'PRIORITY',
  'STATUS',
  'LOCAL_TIME',
  'UNIX_TIME',
] as const;
/**
 * How a column becomes a field.
 * `TEXT`: as it is; `HTML_TEXT`: plain text with character references (`&amp;`); `HTML`: markup, reduced to the safe
 * Markdown subset; `ESCAPED_HTML`: the same of markup that is stored with character references (`&lt;p&gt;`), both ways; `URL`: an address, perhaps HTML-escaped; `IMAGE`: a file name below `prefix`; `KEY`: made into a key
 * (`Wide-Banners` → `wide-banners`); `VALUES`: by a list of pairs; `NUMBER`: a whole number; `PRIORITY`: a sort order in
 * which small comes first, as a priority in which high does; `STATUS`: whether it is shown at all; `LOCAL_TIME`: a date or
 * date and time on the clocks of `timeZone`; `UNIX_TIME`: seconds since 1970.
 */
export type TransformType = (typeof TRANSFORM_TYPES)[number];

export const SHORT_CODES = ['BRACES', 'BRACKETS'] as const;
/** Placeholders that a back office replaces when it renders a page: `BRACES`: `{{block id="1"}}` and `{module 7}`; `BRACKETS`: `[gallery ids="1,2"]`. */
export type ShortCodes = (typeof SHORT_CODES)[number];

export const VALUE_FORMATS = ['JSON', 'PHP_SERIALIZED'] as const;
/** How a column holds several values in one text. */
export type ValueFormat = (typeof VALUE_FORMATS)[number];
export const HTTP_LINKS = ['UPGRADE', 'DROP'] as const;
/** How an `http:` address, which no promo may have, is converted: it gets `https:`, or is left out and listed. */
export type HttpLinks = (typeof HTTP_LINKS)[number];

export const LINE_BREAKS = ['CRLF', 'SPACES'] as const;
/** How a back office breaks lines: `CRLF` becomes a line feed, and is written again; `SPACES`: each break becomes a space. */
export type LineBreaks = (typeof LINE_BREAKS)[number];

export const BAD_VALUES = ['LEAVE_OUT_VALUE', 'REFUSE_ROW'] as const;
/** What is left out with a value that its field cannot hold: the value alone, or the whole row. It is listed in both cases. */
export type BadValues = (typeof BAD_VALUES)[number];

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
  /** `URL`, `IMAGE`: for addresses that begin with `http:`; without it, each one is a bad value. */
  httpLinks?: HttpLinks;
  /** `TEXT`, `HTML_TEXT`: for line breaks that are no line feeds. */
  lineBreaks?: LineBreaks;
  /** `VALUES`: each value of the column with what it becomes. */
  values?: { column: string; field: string }[];
  /** Transforms of text: placeholders of the back office that are taken out of it; what was taken out is listed. */
  shortCodes?: ShortCodes[];
}

/** One column, and the field that it becomes. */
export interface AdoptionField {
  /** Path in the body: `cta.href`; in gathered documents also `slot`, `item.component`, `setting.name`, `setting.value`. */
  field: string;
  /** A column of the table, or `name.column` of a joined one. */
  column: string;
  /**
   * The path of the field's value within the column's value, where it holds several: `title`, `images[0].url`, `translations[locale=en].title`,
   * `["de-DE"]`. Such a field is read and never written back.
   */
  path?: string;
  /** With `path`: how the column holds its values; `JSON` unless given. */
  format?: ValueFormat;
  transform: AdoptionTransform;
  encoding?: ColumnEncoding;
  /** Without it, a bad value is left out alone where nothing else depends on it; see `mayBeLeftOut` of the mapping. */
  badValues?: BadValues;
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

/**
 * Another table that says something about the same documents: texts of one language, the group that a row is in, a picture. Each row
 * has at most one partner there, unless it is `required` and no column of it is read.
 */
export interface AdoptionJoin {
  table: string;
  /** Its name in `name.column`, by default the name of the table. Distinguishes two joins of one table. */
  as?: string;
  /** `column` is one of the table, or `name.column` of a join before this one. */
  on: { column: string; joined: string }[];
  /** Conditions on the joined table: `languages_id` IN `1`. */
  where?: AdoptionFilter[];
  /** Rows without a partner that meets the conditions are left out: the status of the group decides. */
  required?: boolean;
}

/** The documents that rows become. */
export interface AdoptedDocuments {
  kind: AdoptedKind;
  /** The site that they belong to; absent for all sites. */
  site?: string;
  /** Prefix of their keys; the row's key follows: `banner-` makes `banner-7`. */
  keyPrefix: string;
  /** Rows that share the values of these columns become one document together: the boxes of a layout, the settings of a group. */
  gatherBy?: string[];
}

export interface AdoptionMirror {
  /** Seconds from the end of one check of the table to the start of the next. */
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
  /** Further joined tables, after `join`. */
  joins?: AdoptionJoin[];
  where?: AdoptionFilter[];
  documents: AdoptedDocuments;
  fields: AdoptionField[];
  /** Fields that are the same in every document. */
  fixed?: { field: string; value: string | number }[];
  mirror?: AdoptionMirror;
  /**
   * What writes may set off beside the columns of their documents, by name: foreign keys and triggers of the old database,
   * columns that change by themselves, and columns that take unescaped text although others hold character references.
   */
  accepts?: string[];
}

/** Every joined table of a mapping, in order. */
export function joinsOf({ join, joins = [] }: Pick<AdoptionBody, 'join' | 'joins'>): AdoptionJoin[] {
  return [...(join ? [join] : []), ...joins];
}
