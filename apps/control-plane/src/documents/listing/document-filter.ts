import type { Actor } from '../../access/actor.js';
import { readableWhere } from '../../access/reading.js';
import type { KindName } from '@paddock/contracts';
import type { DocumentStatusName, Sql } from './document-status.js';
import { differsSql, statusSql } from './document-status.js';
import { DRAFT } from './listing.entity.js';
import { textSearch } from './text-search.js';

/** Which documents a list has. Everything that is present must hold; of the values of a list, one of them. */
export interface DocumentFilter {
  kinds?: readonly KindName[];
  /** A site's own documents; `*` for those of all sites. */
  site?: string;
  /** Words of the label or the beginning of the key. */
  search?: string;
  /** Words of the label, the key, or any text of the draft or a live body. */
  text?: string;
  /** The environment for statuses, and for the live bodies that `text` searches. */
  environment?: string;
  status?: readonly DocumentStatusName[];
  differsFromLive?: boolean;
  /** Ids of those who saved the draft last. */
  author?: readonly string[];
  /** Terms that the draft must have: all of them. */
  tags?: readonly string[];
  component?: readonly string[];
  uses?: readonly string[];
  updatedSince?: Date;
}

/** What can be counted by value, and the filter that is left out then: a list of values shows what choosing another one would find. */
export const FACETS = ['kind', 'status', 'author', 'tag', 'component'] as const;
export type Facet = (typeof FACETS)[number];

/** A condition, and which facet it belongs to. */
export interface FilterCondition extends Sql {
  readonly facet: Facet | undefined;
}

/**
 * Every condition of a filter. The names in them: `document`, the draft's row `state`, and where a status is asked for
 * the environment's row `live` and the scheduled documents `due`.
 * @param names the table that kind and site are compared in; both have them; the first table of the join has the index
 */
export function filterConditions(
  filter: DocumentFilter,
  reader: Actor,
  names: 'document' | 'state',
): FilterCondition[] {
  const { kinds, site, search, text, environment, status, differsFromLive, author, updatedSince } = filter;
  const readable = readableWhere(reader, { kind: `${names}.kind`, site: `${names}.site` });
  return [
    condition(undefined, readable.sql, readable.parameters),
    ...given(kinds, (values) =>
      condition('kind', values.length > 0 ? `${names}.kind IN (:...kinds)` : '1 = 0', { kinds: values }),
    ),
    ...given(site, (value) => condition(undefined, `${names}.site = :site`, { site: value })),
    ...given(search, labelCondition),
    ...given(text, (value) => textCondition(value, environment, reader)),
    ...given(status, (values) => {
      const { sql, parameters } = statusSql(reader);
      return condition('status', `${sql} IN (:...status)`, { ...parameters, status: values });
    }),
    ...given(differsFromLive, (value) => {
      const { sql, parameters } = differsSql(reader);
      return condition('status', `${sql} = :differs`, { ...parameters, differs: value });
    }),
    ...given(author, (values) => condition('author', 'state.author IN (:...authors)', { authors: values })),
    ...(filter.tags ?? []).map((term, index) => termCondition('tag', `tag_${index}`, [term])),
    ...given(filter.component, (terms) => termCondition('component', 'component', terms)),
    ...(filter.uses ?? []).map((term, index) => termCondition(undefined, `uses_${index}`, [term])),
    ...given(updatedSince, (value) =>
      condition(undefined, 'state.changed_at >= :updatedSince', { updatedSince: value }),
    ),
  ];
}

/** Does a filter need the draft's row? Without it, documents are listed by their own table alone. */
export function needsState({
  text,
  status,
  differsFromLive,
  author,
  tags,
  component,
  uses,
  updatedSince,
}: DocumentFilter): boolean {
  return (
    [text, status, differsFromLive, author, updatedSince, component].some((value) => value !== undefined) ||
    [tags, uses].some((terms) => (terms ?? []).length > 0)
  );
}

/** Whether a filter is about the live body, and so needs the environment's row. */
export function needsLive({ status, differsFromLive }: DocumentFilter): boolean {
  return status !== undefined || differsFromLive !== undefined;
}

function condition(facet: Facet | undefined, sql: string, parameters: Record<string, unknown> = {}): FilterCondition {
  return { facet, sql, parameters };
}

function given<Value>(value: Value | undefined, make: (value: Value) => FilterCondition): FilterCondition[] {
  return value === undefined ? [] : [make(value)];
}

function labelCondition(search: string): FilterCondition {
  const text = search.replace(/[\\%_]/g, '\\$&');
  // Keys are ASCII, and the database fails where other characters are compared with them.
  const byKey = /^[\x20-\x7e]*$/.test(text) ? ' OR document.doc_key LIKE :start' : '';
  return condition(undefined, `(document.label LIKE :part${byKey})`, { part: `%${text}%`, start: `${text}%` });
}

function termCondition(facet: Facet | undefined, name: string, terms: readonly string[]): FilterCondition {
  const sql = `state.document_id IN (
    SELECT t_${name}.document_id FROM document_term t_${name}
    JOIN document_state s_${name} ON s_${name}.place = '${DRAFT}' AND s_${name}.document_id = t_${name}.document_id
      AND s_${name}.sha256 = t_${name}.sha256
    WHERE t_${name}.term IN (:...${name}))`;
  return condition(facet, sql, { [name]: terms });
}

/** Searches the drafts, and the live bodies that the reader may read: in the given environment, or in any. */
function textCondition(text: string, environment: string | undefined, reader: Actor): FilterCondition {
  const { words, like } = textSearch(text);
  const live = readableWhere(reader, { kind: 'found.kind', site: 'found.site', environment: 'found.place' });
  const inEnvironment = environment === undefined ? '' : ' AND found.place = :environment';
  const sql = `state.document_id IN (
    SELECT content.document_id FROM document_content content
    JOIN document_state found ON found.document_id = content.document_id AND found.sha256 = content.sha256
    WHERE ${words === undefined ? '' : 'MATCH (content.text) AGAINST (:words IN BOOLEAN MODE) AND '}content.text LIKE :like
      AND (found.place = '${DRAFT}' OR (${live.sql}${inEnvironment})))`;
  return condition(undefined, sql, { ...live.parameters, like, ...(words === undefined ? {} : { words }) });
}
