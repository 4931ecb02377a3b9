import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import request from 'supertest';
import { TcpProxy, testServers, until } from '@paddock/testing';
import { Users } from './access/users/users.js';
import { expectError, expectOk } from './testing/expect-result.js';
import { testWorld, type SignedInClient, type World } from './testing/world.js';

describe('operating the API', () => {
  let world: World;
  let viewer: SignedInClient;
  beforeAll(async () => {
    world = await testWorld();
    viewer = await world.signedIn('VIEWER');
  });
  afterAll(() => world.close());

  it('takes a caller’s request id along into answer, log and errors', async () => {
    const result = await viewer.send('{ me { shoeSize } }', {}, { 'x-request-id': 'caller-1' });
    expect(expectError(result, 'GRAPHQL_VALIDATION_FAILED').extensions.requestId).toBe('caller-1');
    expect(result.headers['x-request-id']).toBe('caller-1');
    expect(world.log).toContainEqual(
      expect.objectContaining({
        msg: 'request',
        requestId: 'caller-1',
        method: 'POST',
        route: '/graphql',
        status: 400,
      }),
    );
  });

  it('answers an unexpected error with nothing internal, and logs it once under its request id', async () => {
    const users = world.app.get(Users, { strict: false });
    const byId = users.byId.bind(users);
    users.byId = () => Promise.reject(new Error('SELECT secret FROM vault at /srv/paddock/vault.js:7'));
    try {
      const result = await viewer.send('{ me { id } }', {}, { 'x-request-id': 'unlucky' });
      expectError(result, 'INTERNAL', 500);
      expect(JSON.stringify(result)).not.toMatch(/SELECT|vault|\.js/);
      const logged = world.log.filter(({ requestId, level }) => requestId === 'unlucky' && level === 'error');
      expect(logged).toHaveLength(1);
      expect(JSON.stringify(logged)).toContain('SELECT secret FROM vault');
    } finally {
      users.byId = byId;
    }
  });

  it('tells whether it is alive and ready, and what it does', async () => {
    expect((await request(world.url).get('/healthz')).body).toEqual({ status: 'alive' });
    const ready = await request(world.operationsUrl).get('/readyz');
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({ ready: true, checks: { database: { ok: true } } });
    expect((await request(world.operationsUrl).get('/metrics')).text).toMatch(
      /paddock_http_request_duration_seconds_count\{app="control-plane",method="POST",route="\/graphql"/,
    );
  });

  it('lets no browser guess types or keep answers', async () => {
    const { headers } = await viewer.send('{ me { id } }');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
  });
});

describe('while the database is away', () => {
  let proxy: TcpProxy;
  let world: World;
  beforeAll(async () => {
    const server = new URL(testServers().databaseUrl);
    proxy = await TcpProxy.to(Number(server.port));
    server.port = String(proxy.port);
    world = await testWorld({}, server);
  });
  afterAll(async () => {
    proxy.heal();
    await world.close();
    await proxy.close();
  });

  it('answers 503 UNAVAILABLE, is not ready, and comes back by itself', async () => {
    const viewer = await world.signedIn('VIEWER');
    proxy.refuse();
    expectError(await viewer.send('{ me { id } }'), 'UNAVAILABLE', 503);
    const ready = await request(world.operationsUrl).get('/readyz');
    expect(ready.status).toBe(503);
    expect(ready.body).toMatchObject({ ready: false, checks: { database: { ok: false } } });
    expect((await request(world.url).get('/healthz')).status).toBe(200);
    proxy.heal();
    await until(async () => (await viewer.send('{ me { id } }')).errors.length === 0, { what: 'an answer' });
  });
});

describe('closing', () => {
  it('finishes what was begun, closes waiting connections, and takes nothing new', async () => {
    const world = await testWorld();
    const viewer = await world.signedIn('VIEWER');
    const users = world.app.get(Users, { strict: false });
    const begun = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    const byId = users.byId.bind(users);
    users.byId = async (id) => {
      begun.resolve(undefined);
      await release.promise;
      return byId(id);
    };
    const idle = connect(Number(new URL(world.url).port), '127.0.0.1');
    const idleClosed = new Promise((resolve) => idle.once('close', resolve));
    const answer = viewer.send('{ me { id } }');
    await begun.promise;

    const closed = world.close();
    await until(
      () =>
        request(world.url)
          .get('/healthz')
          .then(
            ({ status }) => status === 503,
            () => true,
          ),
      { what: 'refusal of new requests' },
    );
    release.resolve(undefined);
    expectOk(await answer);
    await closed;
    await idleClosed;
  });
});
