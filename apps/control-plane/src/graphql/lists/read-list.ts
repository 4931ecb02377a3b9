import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { CountedConnection } from '../connection.js';
import type { ListArgs } from './list-args.js';
import { Keyset, type Ordering, type Slice } from './keyset.js';
import type { Order } from './order.js';

/** How a list is read. `slice` and `count` run in the same consistent read. */
export interface ListReader<Row> {
  slice(slice: Slice): Promise<readonly Row[]>;
  /** How many rows the filters leave, on all pages; absent where no one asked. */
  count: (() => Promise<number>) | undefined;
}

/** One page of a list, in its order, with cursors. The caller gives the reader the transaction that it reads in. */
export async function readList<Row, Node, Field extends string>(
  args: ListArgs & { orderBy?: readonly Order<Field>[] | null },
  ordering: Ordering<Row, Field>,
  toNode: (row: Row) => Node,
  reader: ListReader<Row>,
): Promise<CountedConnection<Node>> {
  const page = args.request();
  const keyset = new Keyset(ordering, args.orderBy, page);
  const found = await reader.slice(keyset.slice());
  const more = found.length > page.size;
  const rows = found.slice(0, page.size);
  if (page.direction === 'BACKWARDS') rows.reverse();
  const edges = rows.map((row) => ({ node: toNode(row), cursor: keyset.cursorOf(row) }));
  const beyond = page.cursor !== undefined;
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: page.direction === 'FORWARDS' ? more : beyond,
      hasPreviousPage: page.direction === 'FORWARDS' ? beyond : more,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: (await reader.count?.()) ?? null,
  };
}

/** Reads a list by a query that already has its filters. */
export function byQuery<Row extends ObjectLiteral>(query: SelectQueryBuilder<Row>, counted: boolean): ListReader<Row> {
  return {
    slice: (slice) => inSlice(query.clone(), slice).getMany(),
    count: counted ? () => query.clone().getCount() : undefined,
  };
}

/** Bounds and orders a query. */
export function inSlice<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  { where, parameters, orderBy, limit }: Slice,
): SelectQueryBuilder<Row> {
  if (where !== undefined) query.andWhere(`(${where})`, parameters);
  for (const [sql, direction] of orderBy) query.addOrderBy(sql, direction);
  return query.limit(limit);
}
