import { describe, expect, test } from 'vitest';
import { ask, expectRefusal, extensionsOf, postJson } from './answer.js';
import type { AttackedWorld } from './world.js';

/** An API that takes GraphQL, with a caller who may ask. */
interface Api {
  url: string;
  headers: Record<string, string>;
}

/** Operations of each API that are spelled by hand, because its schema has other fields. */
const OPERATIONS = {
  controlPlane: {
    valid: '{ me { id } }',
    misspelt: '{ me { ident } }',
    mutation: 'mutation { signOut { __typename } }',
    numeric: 'query ($first: Int!) { users(first: $first) { nodes { id } } }',
  },
  edge: {
    valid: '{ layout(site: "acme-uk", page: "home") { page } }',
    misspelt: '{ layot { page } }',
    mutation: 'mutation { x }',
    numeric: 'query ($first: Int!) { markets(first: $first) { __typename } }',
  },
  analytics: {
    valid: '{ explorations { key } }',
    misspelt: '{ exploratons { key } }',
    mutation:
      'mutation { reconcile(input: { metric: "m", from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }) { __typename } }',
    numeric: 'query ($first: Int!) { quarantine(first: $first) { __typename } }',
  },
} as const;

type ApiName = keyof typeof OPERATIONS;

const times = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

/** The answers of every GraphQL API to malicious operations. */
export function graphqlRows(world: () => AttackedWorld): void {
  const api = (name: ApiName): Api => {
    const { apps, admin, credentials, operatorKey } = world();
    const headers = {
      controlPlane: (): Record<string, string> => ({ authorization: `Bearer ${admin.client.bearer ?? ''}` }),
      edge: (): Record<string, string> => ({ 'paddock-client-key': credentials.clientKey }),
      analytics: (): Record<string, string> => ({ authorization: `Bearer ${operatorKey}` }),
    }[name]();
    return { url: `${apps[name].url}/graphql`, headers };
  };

  describe.each(Object.keys(OPERATIONS) as ApiName[])('GraphQL of %s', (name) => {
    const send = (query: string, variables: object = {}) =>
      postJson(api(name).url, { query, variables }, api(name).headers);
    const sendRaw = (body: string) => postJson(api(name).url, body, api(name).headers);

    test('answers a valid operation', async () => {
      const { status, text } = await send(OPERATIONS[name].valid);
      expect({ status, errors: (JSON.parse(text) as { errors?: unknown }).errors }).toEqual({
        status: 200,
        errors: undefined,
      });
    });

    test('a batch: 400', async () => {
      const { valid } = OPERATIONS[name];
      expectRefusal(await sendRaw(JSON.stringify([{ query: valid }, { query: valid }])), 400);
    });

    test('__schema: 400 INTROSPECTION_DISABLED, and not how to enable it', async () => {
      for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Query") { name } }']) {
        const answer = await send(query);
        expectRefusal(answer, 400, 'INTROSPECTION_DISABLED');
        expect(answer.text).not.toMatch(/apollo|introspection: ?true|NODE_ENV/i);
      }
    });

    test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
      'a POST of %s, which any page may send: 400 or 415',
      async (type) => {
        const { url, headers } = api(name);
        const answer = await ask(url, {
          method: 'POST',
          headers: { ...headers, 'content-type': type },
          body: JSON.stringify({ query: OPERATIONS[name].valid }),
        });
        expectRefusal(answer, [400, 415]);
      },
    );

    test('a query by GET: 200; a mutation by GET: 405; a GET of text/xml: 415', async () => {
      const { url, headers } = api(name);
      const get = (query: string, more: Record<string, string>) =>
        ask(`${url}?${new URLSearchParams({ query }).toString()}`, { headers: { ...headers, ...more } });
      // The request shows its own credential; a cookie, which a browser adds automatically, is refused below.
      expect((await get(OPERATIONS[name].valid, {})).status).toBe(200);
      // Where the schema has no such mutation, it is refused for that.
      expectRefusal(
        await get(OPERATIONS[name].mutation, { 'apollo-require-preflight': '1' }),
        name === 'controlPlane' ? 405 : [400, 405],
      );
      expectRefusal(await get(OPERATIONS[name].valid, { 'content-type': 'text/xml' }), 415);
    });

    test('a misspelt field: 400, and no name that would be right', async () => {
      const answer = await send(OPERATIONS[name].misspelt);
      expectRefusal(answer, 400, 'GRAPHQL_VALIDATION_FAILED');
      expect(answer.text).not.toMatch(/did you mean/i);
    });

    test.each([
      ['depth 9', 'depth', `${'{ a '.repeat(8)}{ b }${' }'.repeat(8)}`, 9],
      [
        'depth 9 through fragments',
        'depth',
        '{ a { b { ...F } } } fragment F on Query { c { d { ...G } } } fragment G on Query { e { f { g { h { i } } } } }',
        9,
      ],
      ['40 aliases', 'aliases', `{ ${times(1, () => 'a')} { ${times(40, (n) => `x${n}: b`)} } }`, 40],
      ['80 directives', 'directives', `{ a { ${times(80, (n) => `b${n} @c`)} } }`, 80],
    ])('%s: 400 QUERY_TOO_COMPLEX with limit and actual', async (_, measure, query, actual) => {
      const answer = await send(query);
      expectRefusal(answer, 400, 'QUERY_TOO_COMPLEX');
      const extensions = extensionsOf(answer, 'QUERY_TOO_COMPLEX');
      expect(extensions).toMatchObject({ measure, actual });
      expect(Number(extensions['limit'])).toBeLessThan(actual);
    });

    test('3,000 tokens: 400 with the limit', async () => {
      const answer = await send(`{ a { ${times(3_000, () => 'b')} } }`);
      expectRefusal(answer, 400, 'QUERY_TOO_COMPLEX');
      expect(extensionsOf(answer, 'QUERY_TOO_COMPLEX')).toMatchObject({
        measure: 'tokens',
        limit: expect.any(Number),
        actual: 3_005,
      });
    });

    test('fragments in a circle: 400', async () => {
      expectRefusal(await send('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'), 400);
    });

    test('JSON that breaks off: 400 BAD_JSON with the position', async () => {
      const body = '{"query": "{ a }", "variables": {';
      const answer = await sendRaw(body);
      expectRefusal(answer, 400, 'BAD_JSON');
      expect(answer.text).toContain(String(body.length));
    });

    test('a body of 2 MB: 413', async () => {
      expectRefusal(await send(OPERATIONS[name].valid, { text: 'x'.repeat(2_000_000) }), 413);
    });

    test('a variable of the wrong type: 400, the reason whole and the value short', async () => {
      const answer = await send(OPERATIONS[name].numeric, { first: 'x'.repeat(50_000) });
      expectRefusal(answer, 400);
      expect(answer.text).toContain('Int cannot represent non-integer value');
      expect(answer.text.length).toBeLessThan(1_500);
    });

    test.each([
      '{"query":"{ a }","variables":{"__proto__":{"admin":true}}}',
      '{"query":"{ a }","constructor":{"prototype":{"admin":true}}}',
    ])('%s changes no prototype: 400', async (body) => {
      expectRefusal(await sendRaw(body), 400);
      expect((await send(OPERATIONS[name].valid)).status).toBe(200);
    });

    test('every refusal has the request id', async () => {
      const answer = await send('{ nonsense }');
      expect(extensionsOf(answer, 'GRAPHQL_VALIDATION_FAILED')['requestId']).toBe(answer.headers.get('x-request-id'));
    });
  });
  test.each([{}, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }])(
    'a query by GET with the cookie of a visitor, sent by a page of another site (%j): 400 CSRF_SUSPECTED',
    async (headers: Record<string, string>) => {
      const { url } = world().apps.controlPlane;
      const cookie = `__Host-paddock-session=${world().admin.client.bearer ?? ''}`;
      const query = new URLSearchParams({ query: OPERATIONS.controlPlane.valid }).toString();
      expectRefusal(await ask(`${url}/graphql?${query}`, { headers: { cookie, ...headers } }), 400, 'CSRF_SUSPECTED');
    },
  );
}
