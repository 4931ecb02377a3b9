import type { Type } from '@nestjs/common';
import { Field, ObjectType } from '@nestjs/graphql';
import type { PageArgs } from './page-args.js';

@ObjectType()
export class PageInfo {
  @Field() hasNextPage: boolean;
  @Field(() => String, { nullable: true, description: 'Send it as `after` to get the next page.' }) endCursor:
    string | null;
}

/** One page of a list in the shape of the Relay specification. */
export interface Connection<Node> {
  edges: { node: Node; cursor: string }[];
  nodes: Node[];
  pageInfo: PageInfo;
}

/** Base class of a connection type: `@ObjectType() class DocumentConnection extends ConnectionOf(Document) {}`. */
export function ConnectionOf<Node extends object>(node: Type<Node>): Type<Connection<Node>> {
  @ObjectType(`${node.name}Edge`)
  class Edge {
    @Field(() => node) node: Node;
    @Field() cursor: string;
  }

  @ObjectType({ isAbstract: true })
  abstract class NodeConnection implements Connection<Node> {
    @Field(() => [Edge]) edges: Edge[];
    @Field(() => [node], { description: 'The nodes of the edges, for whoever needs no cursors in between.' })
    nodes: Node[];
    @Field(() => PageInfo) pageInfo: PageInfo;
  }
  return NodeConnection as Type<Connection<Node>>;
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
    pageInfo: { hasNextPage: rows.length > page.first, endCursor: edges.at(-1)?.cursor ?? null },
  };
}
