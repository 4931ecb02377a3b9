import type { Type } from '@nestjs/common';
import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { PageArgs } from './page-args.js';

@ObjectType({ description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field({ description: 'There are rows behind this page.' }) hasNextPage: boolean;
  @Field({ description: 'There are rows before this page.' }) hasPreviousPage: boolean;
  @Field(() => String, { nullable: true, description: 'Send it as `before`, with `last`, to get the page before.' })
  startCursor: string | null;
  @Field(() => String, { nullable: true, description: 'Send it as `after` to get the next page.' }) endCursor:
    string | null;
}

/** One page of a list in the shape of the Relay specification. */
export interface Connection<Node> {
  edges: { node: Node; cursor: string }[];
  nodes: Node[];
  pageInfo: PageInfo;
}

/** A page that also says how long its list is. */
export interface CountedConnection<Node> extends Connection<Node> {
  /** Rows on all pages, of the same moment as the page; `null` where no one asked. */
  totalCount: number | null;
}

/** Base class of a connection type: `@ObjectType() class DocumentConnection extends ConnectionOf(Document) {}`. */
export function ConnectionOf<Node extends object>(node: Type<Node>): Type<Connection<Node>> {
  @ObjectType(`${node.name}Edge`)
  class Edge {
    @Field(() => node, { description: 'What is in the list at this place.' }) node: Node;
    @Field({ description: 'The place in the list: send it as `after` to continue behind it.' }) cursor: string;
  }

  @ObjectType({ isAbstract: true })
  abstract class NodeConnection implements Connection<Node> {
    @Field(() => [Edge], { description: 'The nodes of this page, each with its place in the list.' }) edges: Edge[];
    @Field(() => [node], { description: 'The nodes of the edges, for clients that need no cursors in between.' })
    nodes: Node[];
    @Field(() => PageInfo, { description: 'Whether there is a next page, and how to ask for it.' }) pageInfo: PageInfo;
  }
  return NodeConnection as Type<Connection<Node>>;
}

/** Base class of the connection type of a list that is counted and read in both directions: see `lists/read-list.ts`. */
export function CountedConnectionOf<Node extends object>(node: Type<Node>): Type<CountedConnection<Node>> {
  @ObjectType({ isAbstract: true })
  abstract class CountedNodeConnection extends ConnectionOf(node) {
    @Field(() => Int, {
      description: 'How many rows the filters leave on all pages, counted in the same consistent read as the page.',
    })
    totalCount: number | null;
  }
  return CountedNodeConnection as Type<CountedConnection<Node>>;
}

/**
 * Builds a page from rows that were read with `page.limit`, in order. `position` says where a row stands in that order;
 * it comes back in `page.position`.
 */
export function connectionOf<Row, Node>(
  page: PageArgs,
  rows: readonly Row[],
  toNode: (row: Row) => Node,
  position: (row: Row) => string | number,
): Connection<Node> {
  const edges = rows.slice(0, page.first).map((row) => ({
    node: toNode(row),
    cursor: Buffer.from(String(position(row))).toString('base64url'),
  }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: rows.length > page.first,
      hasPreviousPage: page.position !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
