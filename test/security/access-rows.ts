import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { expectProblem } from '../../apps/control-plane/src/testing/expect-result.js';
import { GraphqlClient } from '../../apps/control-plane/src/testing/graphql-client.js';
import { ask, expectRefusal, postJson } from './answer.js';
import { type AttackedWorld, newPassword } from './world.js';

const PROBLEM = '... on Problem { code message status }';

/** The rights of each credential. */
export function accessRows(world: () => AttackedWorld): void {
  const graphql = (): string => `${world().apps.controlPlane.url}/graphql`;
  const sign = (header: object, payload: object, key?: string): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = `${part(header)}.${part(payload)}`;
    return `${body}.${key === undefined ? '' : createHmac('sha256', key).update(body).digest('base64url')}`;
  };
  const now = Math.floor(Date.now() / 1_000);
  const tokens: [string, string][] = [
    ['a JWT with alg none', sign({ alg: 'none' }, { sub: 'admin', exp: now + 600 })],
    [
      'a JWT signed with a public key as the secret',
      sign({ alg: 'HS256' }, { sub: 'admin', exp: now + 600 }, '-----BEGIN PUBLIC KEY-----'),
    ],
    ['a JWT whose kid leads to a file', sign({ alg: 'HS256', kid: '../../dev/null' }, { sub: 'admin' }, '')],
    ['an expired JWT', sign({ alg: 'HS256' }, { sub: 'admin', exp: now - 600 }, 'key')],
    ['a session that never was', `pds_${'x'.repeat(43)}`],
    ['an API token that never was', `pdk_${randomUUID()}_${'x'.repeat(43)}`],
  ];

  describe('credentials', () => {
    test.each(tokens)('%s: 401 TOKEN_INVALID', async (_, token) => {
      expectRefusal(
        await postJson(graphql(), { query: '{ me { id } }' }, { authorization: `Bearer ${token}` }),
        401,
        'TOKEN_INVALID',
      );
      expectRefusal(
        await postJson(
          `${world().apps.analytics.url}/graphql`,
          { query: '{ explorations { key } }' },
          { authorization: `Bearer ${token}` },
        ),
        401,
        'TOKEN_INVALID',
      );
    });

    test('a client key that is not known: 401 at the edge and at odds', async () => {
      const { edge, odds } = world().apps;
      const headers = { 'paddock-client-key': `pck_${'x'.repeat(43)}` };
      expectRefusal(await ask(`${edge.url}/v2/markets?site=acme-uk`, { headers }), 401, 'UNKNOWN_CLIENT_KEY');
      expectRefusal(await ask(`${odds.url}/v1/proxy/none/x`, { headers }), [401, 404]);
    });

    test('no credential: 401', async () => {
      expectRefusal(await postJson(graphql(), { query: '{ me { id } }' }), 401, 'UNAUTHENTICATED');
      expectRefusal(
        await postJson(`${world().apps.analytics.url}/graphql`, { query: '{ explorations { key } }' }),
        401,
        'UNAUTHENTICATED',
      );
    });
  });

  describe('ids and documents of others', () => {
    test.each(['""', '"NaN"', '"9223372036854775808"', '-1', '"%00"', `"${'x'.repeat(5_000)}"`])(
      'id %s is never a 500',
      async (id) => {
        const { admin } = world();
        const { status, errors } = await admin.client.send(`{ document(id: ${id}) { id } release(id: ${id}) { id } }`);
        expect([200, 400]).toContain(status);
        for (const { extensions } of errors) expect(extensions.code).not.toBe('INTERNAL');
      },
    );

    test.each(['null', 'NaN', '9223372036854775808.5', '{a: 1}', '[]'])('id %s: 400', async (id) => {
      expectRefusal(
        await postJson(
          graphql(),
          { query: `{ document(id: ${id}) { id } }` },
          { authorization: `Bearer ${world().admin.client.bearer ?? ''}` },
        ),
        400,
      );
    });

    test('another site’s id is answered as one that does not exist: 404', async () => {
      const { admin, signedIn } = world();
      await admin.client.send('mutation ($input: CreateSiteInput!) { createSite(input: $input) { __typename } }', {
        input: { key: 'acme-ie', name: 'Acme Ireland', locale: 'en-IE', jurisdiction: 'IE' },
      });
      const foreign = await admin.promo('secret-promo', {}, 'acme-uk');
      const { editor } = await signedIn([{ role: 'PUBLISHER', site: 'acme-ie' }]);
      const unknown = randomUUID();
      const read = async (id: string): Promise<unknown> =>
        (await editor.client.send('query ($id: ID!) { document(id: $id) { id key } }', { id })).data?.document;
      expect([await read(foreign), await read(unknown)]).toEqual([null, null]);
      const restore = (id: string) =>
        editor.client.send(
          `mutation ($input: RestoreRevisionInput!) { restoreRevision(input: $input) { __typename ${PROBLEM} } }`,
          { input: { documentId: id, revision: 1, lockVersion: 1 } },
        );
      const [ofForeign, ofUnknown] = [await restore(foreign), await restore(unknown)];
      expect(expectProblem(ofForeign, 'NOT_FOUND')).toMatchObject({ status: 404 });
      expect(JSON.stringify(ofForeign.data).replaceAll(foreign, '')).toBe(
        JSON.stringify(ofUnknown.data).replaceAll(unknown, ''),
      );
    });

    test('a field that an input has not, such as role: 400, named', async () => {
      const { admin } = world();
      const create = (input: object) =>
        postJson(
          graphql(),
          {
            query: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { __typename } }',
            variables: { input },
          },
          { authorization: `Bearer ${admin.client.bearer ?? ''}` },
        );
      const user = { email: 'x@acme.example', name: 'X', password: newPassword(), grants: [] };
      const extra = await create({ ...user, role: 'ADMIN' });
      expectRefusal(extra, 400, 'BAD_USER_INPUT');
      expect(extra.text).toMatch(/role/);
      expectRefusal(await create({ ...user, name: { role: 'ADMIN' } }), 400, 'BAD_USER_INPUT');
    });

    test('SQL where an order or a search stands: 400, or text like any other', async () => {
      const { admin } = world();
      const injection = 'CASE WHEN (SELECT 1) THEN key ELSE id END';
      expectRefusal(
        await postJson(
          graphql(),
          { query: '{ documents(orderBy: "x; DROP TABLE document") { nodes { id } } }' },
          { authorization: `Bearer ${admin.client.bearer ?? ''}` },
        ),
        400,
      );
      const { status, errors, data } = await admin.client.send(
        'query ($search: String) { documents(search: $search) { nodes { id } } }',
        { search: `%' OR '1'='1' -- ${injection}` },
      );
      expect({ status, errors, data }).toEqual({ status: 200, errors: [], data: { documents: { nodes: [] } } });
    });
  });

  describe('sign-in', () => {
    test('10,000 aliases: 400; ten in one request count as ten', async () => {
      const attempt = (n: number): string =>
        `a${n}: signIn(input: { email: "aliases@acme.example", password: "wrong" }) { __typename }`;
      const many = (count: number): Promise<Awaited<ReturnType<typeof postJson>>> =>
        postJson(graphql(), { query: `mutation { ${Array.from({ length: count }, (_, n) => attempt(n)).join(' ')} }` });
      expectRefusal(await many(10_000), 400);
      for (let request = 0; request < 3; request += 1) await many(10);
      expect((await many(1)).text).toContain('RateLimitedProblem');
    });
  });

  describe('sockets', () => {
    const open = (headers: Record<string, string> = {}): WebSocket =>
      new WebSocket(graphql().replace('http', 'ws'), 'graphql-transport-ws', { headers });
    const closed = async (socket: WebSocket): Promise<number> => {
      const [code] = (await once(socket, 'close')) as [number];
      return code;
    };
    const init = (token: string): string =>
      JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });

    test('a subscription before connection_init: 4401', async () => {
      const socket = open();
      await once(socket, 'open');
      socket.send(
        JSON.stringify({
          type: 'subscribe',
          id: '1',
          payload: { query: 'subscription { releaseLanded(environment: "production") { id } }' },
        }),
      );
      expect(await closed(socket)).toBe(4401);
    });

    test('a cookie from another origin: refused', async () => {
      const { token } = await world().signedIn([{ role: 'VIEWER' }]);
      const socket = open({ cookie: `__Host-paddock-session=${token}`, origin: 'https://evil.example' });
      socket.on('error', () => undefined);
      const refused = Promise.race([closed(socket), once(socket, 'unexpected-response').then(() => 403)]);
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
      expect([403, 4403, 4401]).toContain(await refused);
    });

    test('a session that ends takes its open socket along within five seconds: 4403', async () => {
      const { token } = await world().signedIn([{ role: 'VIEWER' }]);
      const socket = open();
      await once(socket, 'open');
      socket.send(init(token));
      await once(socket, 'message');
      const begun = performance.now();
      await new GraphqlClient(world().apps.controlPlane.url, token).send('mutation { signOut { __typename } }');
      expect(await closed(socket)).toBe(4403);
      expect(performance.now() - begun).toBeLessThan(5_000);
    });
  });
}
