import { describe, expect, it } from 'vitest';
import { plainToInstance } from 'class-transformer';
import { connectionOf } from './connection.js';
import { PageArgs } from './page-args.js';

describe('pages', () => {
  const everything = Array.from({ length: 25 }, (_, index) => ({ id: index + 1 }));

  /** A list as services write it: rows after a position, one more than the page has. */
  function pageOf(args: { first: number; after?: string | null }) {
    const page = plainToInstance(PageArgs, args);
    const rows = everything.filter(({ id }) => id > Number(page.position ?? 0)).slice(0, page.limit);
    return connectionOf(
      page,
      rows,
      ({ id }) => `#${id}`,
      ({ id }) => id,
    );
  }

  it.each([1, 7, 10, 24, 25, 26])('of %i lead through everything once, in order', (first) => {
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { nodes, pageInfo } = pageOf({ first, after });
      seen.push(...nodes);
      ({ hasNextPage: more, endCursor: after } = pageInfo);
    }
    expect(seen).toEqual(everything.map(({ id }) => `#${id}`));
  });

  it('may begin after any edge', () => {
    const { edges } = pageOf({ first: 10 });
    expect(pageOf({ first: 2, after: edges[3]?.cursor ?? '' }).nodes).toEqual(['#5', '#6']);
  });

  it('may be empty', () => {
    expect(pageOf({ first: 5, after: Buffer.from('25').toString('base64url') })).toEqual({
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });
});
