import { Injectable } from '@nestjs/common';
import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { Actor } from '../../access/actor.js';
import { Database } from '../../database/database.js';
import type { ListArgs } from '../../graphql/lists/list-args.js';
import type { Ordering, Slice } from '../../graphql/lists/keyset.js';
import type { Order } from '../../graphql/lists/order.js';
import { readList } from '../../graphql/lists/read-list.js';
import { databaseNow } from '../../releases/environments.js';
import { DocumentRow } from '../document.entity.js';
import { type DocumentFilter, type Facet, filterConditions, needsLive, needsState } from './document-filter.js';
import { differsSql, type DocumentStatusName, STATUS_JOINS, statusSql } from './document-status.js';
import { DocumentStateRow, DocumentTermRow, DRAFT } from './listing.entity.js';
import { TERMS } from './content-facts.js';

/** A document as lists read it. */
export type ListedDocument = DocumentRow & { changedAt: Date };

export const DOCUMENT_ORDER = {
  CREATED_AT: 'When it was created.',
  UPDATED_AT: 'When its draft was saved last.',
  LABEL: 'Its label, without regard to case.',
  KEY: 'Its key.',
} as const;
export type DocumentOrderField = keyof typeof DOCUMENT_ORDER;

/** @param id the column that tells documents apart: an index gives an order only where all of it is in one table */
function orderingBy(id: 'document.id' | 'state.document_id'): Ordering<ListedDocument, DocumentOrderField> {
  const unique = { sql: id, type: 'text', of: (row: ListedDocument) => row.id } as const;
  return {
    fields: {
      // Ids are made from the time, so both have one order, and the id needs no second step.
      CREATED_AT: unique,
      UPDATED_AT: { sql: 'state.changed_at', type: 'time', of: ({ changedAt }) => changedAt },
      LABEL: { sql: 'document.label', type: 'text', of: ({ label }) => label },
      KEY: { sql: 'document.doc_key', type: 'text', of: ({ key }) => key },
    },
    unique,
    whenAbsent: [],
  };
}

const BY_DOCUMENT = orderingBy('document.id');
const BY_STATE = orderingBy('state.document_id');

/** How many documents have a value. */
export interface FacetCount {
  value: string;
  count: number;
}

export type FacetCounts = Readonly<Record<Facet, FacetCount[]>>;

/** Parameters of a list besides its page. */
export interface Wanted {
  readonly totalCount: boolean;
  readonly facets: readonly Facet[];
}

/** The status of a document in an environment. */
export interface DocumentStanding {
  status: DocumentStatusName;
  differsFromLive: boolean;
}

/** Values of one facet that are counted; the most frequent ones. */
const MAX_FACET_VALUES = 100;

/** Lists of documents: filtered, sorted, counted, in one consistent read. */
@Injectable()
export class DocumentList {
  constructor(private readonly db: Database) {}

  async read<Node>(
    reader: Actor,
    filter: DocumentFilter,
    args: ListArgs & { orderBy?: readonly Order<DocumentOrderField>[] | null },
    toNode: (row: ListedDocument) => Node,
    wanted: Wanted,
  ) {
    return this.db.snapshot(async (manager) => {
      const now = await databaseNow(manager);
      const byTime = (args.orderBy ?? []).some(({ field }) => field === 'UPDATED_AT');
      const listed = { reader, filter, now };
      const state = byTime || needsState(filter);
      // A search finds few among all: reading them in the order of another table would look up every document.
      const inOrder = byTime && !needsDocument(filter);
      const page = await readList(args, inOrder ? BY_STATE : BY_DOCUMENT, toNode, {
        slice: (slice) => rowsOf(listQuery(manager, { ...listed, document: true, state }), slice),
        count: wanted.totalCount ? () => countOf(countQuery(manager, listed)) : undefined,
      });
      const counts: Partial<Record<Facet, FacetCount[]>> = {};
      for (const facet of wanted.facets) {
        const query = listQuery(manager, { ...listed, document: needsDocument(filter), state: true, facet });
        counts[facet] = await countFacet(query, facet, reader, filter);
      }
      return { ...page, facets: counts };
    });
  }

  /** By document id, of documents that the reader may read in the environment. */
  async standings(reader: Actor, environment: string, ids: readonly string[]): Promise<Map<string, DocumentStanding>> {
    const [status, differs] = [statusSql(reader), differsSql(reader)];
    const query = this.db.manager
      .createQueryBuilder()
      .select('state.document_id', 'id')
      .addSelect(status.sql, 'status')
      .addSelect(differs.sql, 'differs')
      .from(DocumentStateRow, 'state');
    joinLive(query, environment)
      .where(`state.place = '${DRAFT}' AND state.document_id IN (:...ids)`, { ids: [...ids] })
      .setParameters({ ...status.parameters, ...differs.parameters, now: await databaseNow(this.db.manager) });
    const rows: { id: string; status: DocumentStatusName | null; differs: number }[] = await query.getRawMany();
    return new Map(
      rows.flatMap(({ id, status: found, differs: differing }) =>
        found === null ? [] : [[id, { status: found, differsFromLive: Boolean(Number(differing)) }] as const],
      ),
    );
  }
}

interface Listed {
  reader: Actor;
  filter: DocumentFilter;
  now: Date;
}

/** The tables that a query reads: each of them costs time when a hundred thousand rows are counted. */
interface Tables {
  /** The documents themselves: for their labels and keys. */
  document: boolean;
  /** The rows of their drafts. */
  state: boolean;
  /** The facet that is counted: its own conditions are left out. */
  facet?: Facet;
}

type ListQuery = SelectQueryBuilder<ObjectLiteral>;

function listQuery(manager: EntityManager, listed: Listed & Tables): ListQuery {
  const { reader, filter, now, document, state, facet: counted } = listed;
  const query = startQuery(manager, { document, state });
  const live = needsLive(filter) || counted === 'status';
  if (live && filter.environment !== undefined) joinLive(query, filter.environment);
  query.setParameters({ now, ...(filter.environment === undefined ? {} : { environment: filter.environment }) });
  for (const { facet, sql, parameters } of filterConditions(filter, reader, state ? 'state' : 'document')) {
    if (facet === undefined || facet !== counted) query.andWhere(sql, parameters);
  }
  return query;
}

function startQuery(manager: EntityManager, { document, state }: Tables): ListQuery {
  const query = manager.createQueryBuilder();
  if (!document) return query.from(DocumentStateRow, 'state').where(`state.place = '${DRAFT}'`);
  const documents = query.from(DocumentRow, 'document');
  return state
    ? documents.innerJoin(DocumentStateRow, 'state', `state.place = '${DRAFT}' AND state.document_id = document.id`)
    : documents;
}

/** Counts by the smallest table that can answer: a document whose draft is not listed yet has a row of its own alone. */
function countQuery(manager: EntityManager, listed: Listed): ListQuery {
  const state = needsState(listed.filter);
  return listQuery(manager, { ...listed, state, document: !state || needsDocument(listed.filter) });
}

/** Whether conditions of a filter need the document's own row. */
function needsDocument({ search }: DocumentFilter): boolean {
  return search !== undefined;
}

function joinLive<Row extends object>(query: SelectQueryBuilder<Row>, environment: string): SelectQueryBuilder<Row> {
  return query
    .leftJoin(DocumentStateRow, 'live', STATUS_JOINS.live)
    .leftJoin(`(${STATUS_JOINS.due})`, 'due', 'due.id = state.document_id')
    .setParameters({ environment });
}

async function rowsOf(query: ListQuery, { where, parameters, orderBy, limit }: Slice): Promise<ListedDocument[]> {
  if (where !== undefined) query.andWhere(`(${where})`, parameters);
  for (const [sql, direction] of orderBy) query.addOrderBy(sql, direction);
  const columns = ['id', 'kind', 'site', 'label'].map((name) => [`document.${name}`, name] as const);
  for (const [sql, alias] of [...columns, ['document.doc_key', 'key'], ['document.created_at', 'createdAt']] as const)
    query.addSelect(sql, alias);
  query.addSelect(
    orderBy.some(([sql]) => sql === 'state.changed_at') ? 'state.changed_at' : 'document.created_at',
    'changedAt',
  );
  return query.limit(limit).getRawMany();
}

async function countOf(query: ListQuery): Promise<number> {
  const row: { count: string } | undefined = await query.select('COUNT(*)', 'count').getRawOne();
  return Number(row?.count ?? 0);
}

async function countFacet(
  query: ListQuery,
  facet: Facet,
  reader: Actor,
  { environment }: DocumentFilter,
): Promise<FacetCount[]> {
  if (facet === 'status' && environment === undefined) return [];
  const { sql, prefix = '' } = groupBy(query, facet, reader);
  const rows: { value: string | null; count: string }[] = await query
    .select(sql, 'value')
    .addSelect('COUNT(*)', 'count')
    .groupBy('value')
    .orderBy('count', 'DESC')
    .addOrderBy('value', 'ASC')
    .limit(MAX_FACET_VALUES)
    .getRawMany();
  return rows.flatMap(({ value, count }) =>
    value === null ? [] : [{ value: value.slice(prefix.length), count: Number(count) }],
  );
}

/** The expression whose values a facet counts, and their prefix; joins the tables that it needs. */
function groupBy(query: ListQuery, facet: Facet, reader: Actor): { sql: string; prefix?: string } {
  if (facet === 'kind') return { sql: 'state.kind' };
  if (facet === 'author') return { sql: 'state.author' };
  if (facet === 'status') {
    const { sql, parameters } = statusSql(reader);
    query.setParameters(parameters);
    return { sql };
  }
  const prefix = facet === 'tag' ? TERMS.tag('') : 'component:';
  query.innerJoin(
    DocumentTermRow,
    'counted',
    `counted.document_id = state.document_id AND counted.sha256 = state.sha256 AND counted.term LIKE :prefix`,
    { prefix: `${prefix}%` },
  );
  // The whole term, because the index is ordered by it: the prefix is cut off later.
  return { sql: 'counted.term', prefix };
}
