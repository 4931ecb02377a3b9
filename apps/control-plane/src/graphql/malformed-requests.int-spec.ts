import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import request from 'supertest';
import { expectError } from '../testing/expect-result.js';
import { toResult } from '../testing/graphql-client.js';
import { type SignedInClient, testWorld, type World } from '../testing/world.js';

describe('malformed requests', () => {
  let world: World;
  let viewer: SignedInClient;
  beforeAll(async () => {
    world = await testWorld();
    viewer = await world.signedIn('VIEWER');
  });
  afterAll(() => world.close());

  const times = (count: number, part: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => part(index)).join(' ');
  const nested = (depth: number) => `${'{ me '.repeat(depth)}{ id }${' }'.repeat(depth)}`;

  it('answers JSON that breaks off with 400 BAD_JSON, the position, and no stack', async () => {
    const body = '{"query": "{ me { id } }", "variables": {';
    const response = await viewer.post(body);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    expect(expectError(toResult(response), 'BAD_JSON', 400).extensions.position).toBe(body.length);
    expect(response.text).not.toMatch(/at .*\.[jt]s|node_modules|SyntaxError/);
  });

  it.each([
    ['garbage in the middle', '{"query": nonsense}', 'BAD_JSON'],
    ['an empty body', '', 'BAD_JSON'],
    ['a member named __proto__', '{"query": "{ me { id } }", "variables": {"__proto__": {"admin": true}}}', 'BAD_JSON'],
    [
      'a polluting constructor',
      '{"query": "{ me { id } }", "constructor": {"prototype": {"admin": true}}}',
      'BAD_JSON',
    ],
    ['null', 'null', 'BAD_REQUEST'],
    ['no query', '{"variables": {}}', 'BAD_REQUEST'],
    ['a batch', '[{"query": "{ me { id } }"}, {"query": "{ me { id } }"}]', 'BAD_REQUEST'],
    ['broken GraphQL', '{"query": "{ me { id "}', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{"query": "{ me { id shoeSize } }"}', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'fragments in a circle',
      '{"query": "{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }"}',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['two operations and no name', '{"query": "query A { me { id } } query B { me { id } }"}', 'BAD_REQUEST'],
  ])('answers %s with 400', async (_, body, code) => {
    expectError(toResult(await viewer.post(body)), code, 400);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('admin');
  });

  it('answers a body of 2 MB with 413, and one of 1 MB with what is wrong in it', async () => {
    expectError(
      toResult(await viewer.post({ query: '{ me { id } }', variables: { text: 'x'.repeat(2_000_000) } })),
      'PAYLOAD_TOO_LARGE',
      413,
    );
    const within = await viewer.send(
      'mutation ($input: SignInInput!) { signIn(input: $input) { ... on ValidationProblem { fields { path code } } } }',
      {
        input: { email: `${'x'.repeat(1_000_000)}@example.com`, password: 'x' },
      },
    );
    expect(within.data).toMatchObject({
      signIn: { fields: expect.arrayContaining([{ path: 'email', code: 'MAX_LENGTH' }]) },
    });
  });

  it.each([
    ['tokens', `{ me { ${times(2_997, () => 'id')} } }`, 2_000, 3_002],
    ['aliases', `{ me { ${times(400, (n) => `a${n}: id`)} } }`, 30, 400],
    ['rootFields', `{ ${times(11, () => 'me { id }')} }`, 10, 11],
    ['directives', `{ me { ${times(31, () => 'id @include(if: true)')} } }`, 30, 31],
    ['depth', nested(8), 8, 9],
    [
      'depth',
      '{ documents { nodes { revisions { ...R } } } } fragment R on RevisionConnection { nodes { body { ... on Layout { slots { items { promos { tags } } } } } } }',
      8,
      9,
    ],
    ['aliases', `{ me { ...F ...F } } fragment F on User { ${times(16, (n) => `a${n}: id`)} }`, 30, 32],
    [
      'cost',
      '{ users(first: 100) { nodes { grants { ...G ...G ...G ...G ...G } } } } fragment G on Grant { role kind site environment }',
      20_000,
      20_201,
    ],
  ])('answers too many %s with 400, the limit and what there was', async (measure, query, limit, actual) => {
    const error = expectError(await viewer.send(query), 'QUERY_TOO_COMPLEX', 400);
    expect(error.extensions).toMatchObject({ measure, limit, actual });
  });

  const levels = (count: number) => `${'{"and":'.repeat(count)}{}${'}'.repeat(count)}`;

  it.each([
    [
      'variables nested 3,000 deep',
      `{"query": "query ($f: JSON) { me { id } }", "variables": ${levels(3_000)}}`,
      'JSON_TOO_DEEP',
      { limit: 64, actual: 3_002 },
    ],
    [
      '300,000 members',
      `{"query": "{ me { id } }", "variables": {"a": [${'{},'.repeat(299_999)}{}]}}`,
      'JSON_TOO_MANY_MEMBERS',
      { limit: 20_000, actual: expect.any(Number) },
    ],
    [
      'a literal nested 400 deep',
      JSON.stringify({ query: `{ documents(kind: ${'{and:'.repeat(400)}{}${'}'.repeat(400)}) { totalCount } }` }),
      'QUERY_TOO_COMPLEX',
      { measure: 'nesting', limit: 64, actual: 403 },
    ],
    [
      '900 equal fields',
      JSON.stringify({ query: `{ me { ${'id '.repeat(900)} } }` }),
      'QUERY_TOO_COMPLEX',
      { measure: 'repetitions', limit: 50, actual: 900 },
    ],
    [
      '900 unknown fields',
      JSON.stringify({ query: `{ me { ${times(900, (n) => `f${n}`)} } }` }),
      'GRAPHQL_VALIDATION_FAILED',
      {},
    ],
  ])('answers %s with 400, the limit and what there was', async (_, body, code, extensions) => {
    const result = toResult(await viewer.post(body));
    expect(expectError(result, code, 400).extensions).toMatchObject({ ...extensions, requestId: expect.any(String) });
    expect(result.errors.map(({ message }) => message).join()).not.toContain('Validation aborted');
  });

  it('counts a page by what its variable asks for', async () => {
    const query = `query ($first: Int!) { users(first: $first) { nodes { grants { ${times(30, () => 'role')} } } } }`;
    expectError(await viewer.send(query, { first: 100 }), 'QUERY_TOO_COMPLEX', 400);
    expectError(await viewer.send(query, { first: 10 }), 'FORBIDDEN', 403);
  });

  it('lets pass what is within every limit, also through nested fragments', async () => {
    const result = await viewer.send(
      '{ me { ...A } } fragment A on User { ...B grants { role } } fragment B on User { id email ...C } fragment C on User { name }',
    );
    expect(result).toMatchObject({ status: 200, errors: [], data: { me: { id: viewer.actor.id } } });
  });

  it('weighs fragments that double each other in no time', async () => {
    const doubling = times(60, (n) => `fragment F${n} on User { ...F${n + 1} ...F${n + 1} }`);
    const started = performance.now();
    expectError(
      await viewer.send(`{ me { ...F0 } } ${doubling} fragment F60 on User { a: id }`),
      'QUERY_TOO_COMPLEX',
      400,
    );
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'does not take %s, which any page may send',
    async (type) => {
      const response = await request(world.url)
        .post('/graphql')
        .set('content-type', type)
        .send('{"query":"mutation { signOut { __typename } }"}');
      expect([400, 415]).toContain(response.status);
      expect(['CSRF_SUSPECTED', 'UNSUPPORTED_MEDIA_TYPE']).toContain(toResult(response).errors[0]?.extensions.code);
    },
  );

  it('takes a query by GET with the rights that its sender shows, and no mutation', async () => {
    const get = (query: string) => request(world.url).get('/graphql').query({ query });
    expect((await get('mutation { signOut { __typename } }').set('apollo-require-preflight', '1')).status).toBe(405);
    expectError(toResult(await get('{ me { id } }')), 'UNAUTHENTICATED', 401);
    const cookie = '__Host-paddock-session=pds_x';
    expectError(toResult(await get('{ me { id } }').set({ cookie })), 'CSRF_SUSPECTED', 400);
  });

  it('answers an unknown path and method in JSON', async () => {
    const unknown = await request(world.url).get('/admin.php');
    expect([unknown.status, unknown.type, unknown.body.code]).toEqual([404, 'application/problem+json', 'NOT_FOUND']);
    expectError(toResult(await request(world.url).put('/graphql').send({})), 'METHOD_NOT_ALLOWED', 405);
  });

  it.each([
    ['{ users(first: 0) { nodes { id } } }', 'first', 'MIN'],
    ['{ users(first: 101) { nodes { id } } }', 'first', 'MAX'],
    [`{ users(after: "${'x'.repeat(301)}") { nodes { id } } }`, 'after', 'INVALID_CURSOR'],
  ])('names what is wrong with the page of %#', async (query, path, code) => {
    const admin = await world.signedIn('ADMIN');
    const error = expectError(await admin.send(query), 'BAD_USER_INPUT', 400);
    expect(error.extensions.fields).toEqual([{ path, code, message: expect.any(String) }]);
  });

  it('refuses fields that an input does not have', async () => {
    const result = await viewer.send('mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }', {
      input: { email: 'a@example.com', password: 'x', role: 'ADMIN' },
    });
    expect(expectError(result, 'BAD_USER_INPUT', 400).message).toMatch(/"role" is not defined by type "SignInInput"/);
  });

  it('quotes little of what was sent', async () => {
    const result = await viewer.send('query ($first: Int!) { users(first: $first) { nodes { id } } }', {
      first: 'x'.repeat(100_000),
    });
    const { message } = expectError(result, 'BAD_USER_INPUT', 400);
    expect(message.length).toBeLessThan(300);
    expect(message).toContain('Int cannot represent non-integer value');
  });

  it.each([
    '2026-02-30T10:00:00Z',
    '0000-01-01T00:00:00Z',
    '2026-06-30T23:59:60Z',
    '2026-11-20',
    'tomorrow',
    '2026-11-20T10:00:00',
  ])('refuses %s as a date and time, naming it', async (at) => {
    const result = await viewer.send(
      'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { __typename } }',
      {
        input: { name: 'x', grants: [{ role: 'VIEWER' }], expiresAt: at },
      },
    );
    expect(expectError(result, 'BAD_USER_INPUT', 400).message).toContain(at);
  });
});

describe('in production', () => {
  let world: World;
  let viewer: SignedInClient;
  beforeAll(async () => {
    world = await testWorld({ NODE_ENV: 'production' });
    viewer = await world.signedIn('VIEWER');
  });
  afterAll(() => world.close());

  it('tells nobody the schema', async () => {
    expect(
      expectError(await viewer.send('{ __schema { types { name } } }'), 'INTROSPECTION_DISABLED', 400).message,
    ).not.toMatch(/apollo|introspection: true/i);
    expectError(await viewer.send('{ __type(name: "User") { name } }'), 'INTROSPECTION_DISABLED', 400);
    expect((await viewer.send('{ me { __typename } }')).errors).toEqual([]);
  });

  it('suggests no names', async () => {
    const error = expectError(await viewer.send('{ me { ident } }'), 'GRAPHQL_VALIDATION_FAILED', 400);
    expect(error.message).not.toMatch(/did you mean/i);
  });
});
