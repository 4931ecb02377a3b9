import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { Actor } from '../../access/actor.js';
import { Database } from '../../database/database.js';
import type { ListArgs } from '../../graphql/lists/list-args.js';
import type { Ordering, Slice } from '../../graphql/lists/keyset.js';
import type { Order } from '../../graphql/lists/order.js';
import { readList } from '../../graphql/lists/read-list.js';
import { databaseNow } from '../../releases/environments.js';
import { DocumentRow } from '../document.entity.js';
import { type DocumentFilter, type Facet, filterConditions, needsState } from './document-filter.js';
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

const ORDERING: Ordering<ListedDocument, DocumentOrderField> = {
  fields: {
    // Ids are made from the time, so both have one order, and the id needs no second step.
    CREATED_AT: { sql: 'document.id', type: 'text', of: ({ id }) => id },
    UPDATED_AT: { sql: 'state.changed_at', type: 'time', of: ({ changedAt }) => changedAt },
    LABEL: { sql: 'document.label', type: 'text', of: ({ label }) => label },
    KEY: { sql: 'document.doc_key', type: 'text', of: ({ key }) => key },
  },
  unique: { sql: 'document.id', type: 'text', of: ({ id }) => id },
  whenAbsent: [],
};

/** How many documents have a value. */
export interface FacetCount {
  value: string;
  count: number;
}

export type FacetCounts = Readonly<Record<Facet, FacetCount[]>>;

/** What a list is asked for besides its page. */
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
      const byDraft = needsState(filter) || (args.orderBy ?? []).some(({ field }) => field === 'UPDATED_AT');
      const query = (without?: Facet, state = byDraft) => listQuery(manager, { reader, filter, now, state, without });
      const page = await readList(args, ORDERING, toNode, {
        slice: (slice) => rowsOf(query(), slice),
        count: wanted.totalCount ? () => countOf(query()) : undefined,
      });
      const counts: Partial<Record<Facet, FacetCount[]>> = {};
      for (const facet of wanted.facets) counts[facet] = await countFacet(query(facet, true), facet, reader, filter);
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
  /** Whether the draft's row is read too. */
  state: boolean;
  /** The facet whose own conditions are left out. */
  without: Facet | undefined;
}

type ListQuery = SelectQueryBuilder<DocumentRow>;

function listQuery(manager: EntityManager, { reader, filter, now, state, without }: Listed): ListQuery {
  const query = manager.createQueryBuilder().from(DocumentRow, 'document');
  if (state) query.innerJoin(DocumentStateRow, 'state', `state.place = '${DRAFT}' AND state.document_id = document.id`);
  if (state && filter.environment !== undefined) joinLive(query, filter.environment);
  query.setParameters({ now });
  for (const { facet, sql, parameters } of filterConditions(filter, reader)) {
    if (facet === undefined || facet !== without) query.andWhere(sql, parameters);
  }
  return query;
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
  const value = groupBy(query, facet, reader);
  const rows: { value: string | null; count: string }[] = await query
    .select(value, 'value')
    .addSelect('COUNT(*)', 'count')
    .groupBy('value')
    .orderBy('count', 'DESC')
    .addOrderBy('value', 'ASC')
    .limit(MAX_FACET_VALUES)
    .getRawMany();
  return rows.flatMap((row) => (row.value === null ? [] : [{ value: row.value, count: Number(row.count) }]));
}

/** The expression whose values a facet counts; joins what it needs. */
function groupBy(query: ListQuery, facet: Facet, reader: Actor): string {
  if (facet === 'kind') return 'state.kind';
  if (facet === 'author') return 'state.author';
  if (facet === 'status') {
    const { sql, parameters } = statusSql(reader);
    query.setParameters(parameters);
    return sql;
  }
  const prefix = facet === 'tag' ? TERMS.tag('') : 'component:';
  query.innerJoin(
    DocumentTermRow,
    'counted',
    `counted.document_id = state.document_id AND counted.sha256 = state.sha256 AND counted.term LIKE :prefix`,
    { prefix: `${prefix}%` },
  );
  return `SUBSTRING(counted.term, ${prefix.length + 1})`;
}
