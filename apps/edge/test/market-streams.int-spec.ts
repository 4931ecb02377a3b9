import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { clientKey, until } from '@paddock/testing';
import type { MarketSocket } from './market-socket.js';
import { DE, KEYS, MarketWorld, noRule, rule, UK } from './market-world.js';

let world: MarketWorld;

beforeAll(async () => {
  world = await MarketWorld.start();
});
afterEach(() => world.hangUp());
afterAll(() => world.close());

describe('a socket', () => {
  test('tells an image, then changes, with what was asked echoed', async () => {
    const one = await world.socket();
    const image = await one.subscribe({ filter: { events: ['sim:e1'] }, hbMs: 500 });
    expect(image).toMatchObject({
      op: 'mc',
      id: 1,
      ct: 'IMG',
      recovered: false,
      conflateMs: 50,
      hbMs: 500,
      clk: expect.any(String),
    });
    expect(image.m?.map(({ id }) => id).sort()).toEqual(['sim:1', 'sim:2']);
    expect(JSON.stringify(image)).not.toMatch(/"(source|hold|outcome|feed)"/);
    await world.writer.price('sim:1', 'sim:e1', [[1, 2_060]]);
    await until(() => one.client.priceOf('sim:1', 1) === 2_060);
    await until(() => one.frames.some(({ op }) => op === 'hb'));
  });

  test('suspends at once, whatever the window', async () => {
    const one = await world.socket();
    await one.subscribe({ filter: { events: ['sim:e1'] }, conflateMs: 120_000 });
    // Windows end at multiples of their length: not between these two.
    await until(() => Date.now() % 120_000 < 118_000);
    await world.writer.price('sim:1', 'sim:e1', [[1, 9_990]]);
    await world.writer.status('sim:1', 'sim:e1', 'SUSPENDED');
    await until(() => one.client.markets.get('sim:1')?.st === 'SUSPENDED');
    expect(one.bytes).not.toContain('9990');
    expect(await (await world.edge.get('/v2/events/sim:e1/markets', UK)).text()).not.toContain('9990');
    await world.writer.open(
      'sim:1',
      'sim:e1',
      [
        [1, 2_000],
        [2, 1_900],
      ],
      { startTime: '2026-06-01T12:00:00Z' },
    );
  });

  test('gets a suspension within 50 ms of its record, whatever the window (the best of a hundred, for the machine may be busy)', async () => {
    const one = await world.socket();
    await one.subscribe({ filter: { events: ['sim:e9'] }, conflateMs: 120_000 });
    let best = Infinity;
    for (let round = 0; round < 100 && best >= 50; round += 1) {
      await world.writer.open('sim:9', 'sim:e9', [[1, 2_000]]);
      const before = one.frames.length;
      const saidAt = performance.now();
      await world.writer.status('sim:9', 'sim:e9', 'SUSPENDED');
      // The market is new: a reader that waits for its window gets it together with its suspension.
      const at = await until(
        () =>
          one.frames.findIndex(
            ({ m }, index) => index >= before && m?.some(({ id, st }) => id === 'sim:9' && st === 'SUSPENDED'),
          ) + 1 || undefined,
      );
      best = Math.min(best, (one.arrivals[at - 1] ?? Infinity) - saidAt);
    }
    expect(best).toBeLessThan(50);
    await world.writer.status('sim:9', 'sim:e9', 'CLOSED');
  });

  test('resumes where another ended, and says so', async () => {
    const one = await world.socket();
    await one.subscribe();
    await one.close();
    await world.writer.price('sim:3', 'sim:e3', [[1, 4_400]]);
    const again = await world.socket();
    await until(async () => JSON.stringify(await world.marketsAt('sim:e3', UK)).includes('4400'));
    const answer = await again.subscribe({ clk: one.client.clk });
    expect(answer).toMatchObject({ ct: 'RESUB', recovered: true, m: [{ id: 'sim:3', r: [{ id: 1, p: 4_400 }] }] });
  });

  test('carries several subscriptions, and ends each alone', async () => {
    const one = await world.socket();
    await one.subscribe({ filter: { events: ['sim:e1'] }, conflateMs: 0 }, 1);
    await one.subscribe({ filter: { sports: ['tennis'] }, conflateMs: 0 }, 2);
    one.send({ op: 'unsub', id: 1 });
    await until(() => one.frames.some(({ op, id }) => op === 'unsub' && id === 1));
    const before = one.frames.length;
    await world.writer.price('sim:1', 'sim:e1', [[1, 2_080]]);
    await world.writer.price('sim:3', 'sim:e3', [[1, 4_500]]);
    await until(() => one.frames.slice(before).some(({ id }) => id === 2));
    expect(one.frames.slice(before).filter(({ op, id }) => op === 'mc' && id === 1)).toEqual([]);
  });

  test.each([
    ['the token', ['odds.1'], 'odds.1'],
    ['the token and a key', ['odds.1', 'key.uk-key'], 'odds.1'],
  ])('speaks the subprotocol by %s', async (_, protocols, answered) => {
    const one = await world.socket('uk-key', protocols);
    expect(one.socket.protocol).toBe(answered);
  });

  test('answers odds/1 as it was asked, for clients that send what is no token', async () => {
    const answer = await handshake('/v2/markets/stream', {
      'Paddock-Client-Key': 'uk-key',
      'Sec-WebSocket-Protocol': 'odds/1',
    });
    expect(answer).toMatch(/^HTTP\/1\.1 101 [^]*sec-websocket-protocol: odds\/1\r\n/i);
  });

  test('one-broken-handshake-spoils-no-other: the next client is answered in the words that it used', async () => {
    const broken = await handshake('/v2/markets/stream', {
      ...UK,
      'Sec-WebSocket-Protocol': 'odds/1',
      'Sec-WebSocket-Version': '12',
    });
    expect(broken).toMatch(/^HTTP\/1\.1 400 /);
    expect((await world.socket('uk-key', ['odds.1'])).socket.protocol).toBe('odds.1');
  });

  test.each([
    ['no key', '/v2/markets/stream', {}, 401, 'CLIENT_KEY_REQUIRED'],
    ['an unknown key', '/v2/markets/stream', { 'Paddock-Client-Key': 'guess' }, 401, 'UNKNOWN_CLIENT_KEY'],
    ['a key without the scope', '/v2/markets/stream', { 'Paddock-Client-Key': 'receipts-key' }, 403, 'SCOPE_MISSING'],
    ["another site than the key's", '/v2/markets/stream?site=acme-de', UK, 403, 'OTHER_SITE'],
    [
      'a key for all sites and none named',
      '/v2/markets/stream',
      { 'Paddock-Client-Key': 'any-key' },
      400,
      'INVALID_PARAMETERS',
    ],
    [
      'a site that is not there',
      '/v2/markets/stream?site=acme-fr',
      { 'Paddock-Client-Key': 'any-key' },
      404,
      'UNKNOWN_SITE',
    ],
    ['an unknown parameter', '/v2/markets/stream?jurisdiction=DE', UK, 400, 'INVALID_PARAMETERS'],
    ['another subprotocol', '/v2/markets/stream', { ...UK, 'Sec-WebSocket-Protocol': 'mqtt' }, 400, 'UNKNOWN_PROTOCOL'],
    ['another path', '/v2/elsewhere', UK, 404, 'NOT_FOUND'],
  ])('with %s is refused, clearly', async (_, path, headers, status, code) => {
    const answer = await handshake(path, headers);
    expect(answer.split('\r\n', 1)[0]).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
  });

  test.each<[string, string, object]>([
    ['no JSON', 'sub 1', { code: 'BAD_FRAME', errors: [{ field: '', message: 'is not JSON' }] }],
    ['a list', '[]', { code: 'BAD_FRAME', errors: [{ field: '', message: 'is not an object' }] }],
    ['null', 'null', { code: 'BAD_FRAME', errors: [{ field: '', message: 'is not an object' }] }],
    ['no op', '{}', { code: 'UNKNOWN_OP', errors: [{ field: 'op', message: expect.any(String) }] }],
    [
      'an unknown op',
      '{"op":"publish"}',
      { code: 'UNKNOWN_OP', errors: [{ field: 'op', message: expect.any(String) }] },
    ],
    ['no id', '{"op":"sub"}', { code: 'INVALID_FRAME', errors: [{ field: 'id', message: expect.any(String) }] }],
    [
      'an invalid id',
      '{"op":"sub","id":1.5}',
      { code: 'INVALID_FRAME', errors: [{ field: 'id', message: expect.any(String) }] },
    ],
    [
      'a view of its own',
      '{"op":"sub","id":9,"view":"acme-de"}',
      { id: 9, code: 'INVALID_FRAME', errors: [{ field: 'view', message: expect.any(String) }] },
    ],
    [
      'an invalid filter',
      '{"op":"sub","id":9,"filter":[]}',
      { id: 9, code: 'INVALID_FRAME', errors: [{ field: 'filter', message: 'must be an object' }] },
    ],
    [
      'an unknown filter member',
      '{"op":"sub","id":9,"filter":{"colour":["red"]}}',
      { id: 9, code: 'INVALID_FRAME', errors: [{ field: 'filter.colour', message: expect.any(String) }] },
    ],
    [
      'an empty list',
      '{"op":"sub","id":9,"filter":{"events":[]}}',
      { id: 9, code: 'INVALID_FRAME', errors: [{ field: 'filter.events', message: expect.any(String) }] },
    ],
    [
      'no text in a list',
      '{"op":"sub","id":9,"filter":{"events":["a",7,""]}}',
      {
        id: 9,
        code: 'INVALID_FRAME',
        errors: [
          { field: 'filter.events[1]', message: expect.any(String) },
          { field: 'filter.events[2]', message: expect.any(String) },
        ],
      },
    ],
    [
      'a window that is too long',
      '{"op":"sub","id":9,"conflateMs":120001}',
      {
        id: 9,
        code: 'INVALID_FRAME',
        errors: [{ field: 'conflateMs', message: 'must be a whole number from 0 to 120000' }],
      },
    ],
    [
      'a heartbeat that is too short',
      '{"op":"sub","id":9,"hbMs":499}',
      { id: 9, code: 'INVALID_FRAME', errors: [{ field: 'hbMs', message: 'must be a whole number from 500 to 5000' }] },
    ],
    [
      'text for a number',
      '{"op":"sub","id":9,"hbMs":"1000"}',
      { id: 9, code: 'INVALID_FRAME', errors: [{ field: 'hbMs', message: expect.any(String) }] },
    ],
    [
      'a malformed clk',
      '{"op":"sub","id":9,"clk":"<script>"}',
      { id: 9, code: 'INVALID_CLK', errors: [{ field: 'clk', message: expect.any(String) }] },
    ],
    [
      'several mistakes',
      '{"op":"sub","id":9,"hbMs":1,"conflateMs":-1}',
      {
        id: 9,
        code: 'INVALID_FRAME',
        errors: [
          { field: 'conflateMs', message: expect.any(String) },
          { field: 'hbMs', message: expect.any(String) },
        ],
      },
    ],
    [
      'the end of what never began',
      '{"op":"unsub","id":9}',
      { id: 9, code: 'UNKNOWN_ID', errors: [{ field: 'id', message: expect.any(String) }] },
    ],
  ])('answers a frame with %s by saying so, and stays', async (_, frame, expected) => {
    const one = await world.socket();
    one.send(frame);
    await until(() => one.frames.length > 0);
    expect(one.frames[0]).toEqual({ op: 'err', ...expected });
    expect((await one.subscribe()).ct).toBe('IMG');
  });

  test('that uses an id twice, or too many ids, gets an error', async () => {
    const one = await world.socket();
    await one.subscribe();
    one.send({ op: 'sub', id: 1 });
    await until(() => one.frames.some(({ code }) => code === 'ID_IN_USE'));
    for (let id = 2; id <= 17; id += 1) one.send({ op: 'sub', id });
    await until(() => one.frames.some(({ code, id }) => code === 'TOO_MANY' && id === 17));
  });

  test.each([
    ['binary frames', (one: MarketSocket) => one.socket.send(Buffer.from('{}')), 1003],
    ['a frame of a hundred kilobytes', (one: MarketSocket) => one.send('x'.repeat(100_000)), 1009],
    ['nothing that it understands', (one: MarketSocket) => Array.from({ length: 20 }, () => one.send('?')), 1008],
  ])('that sends %s is closed', async (_, act, code) => {
    const one = await world.socket();
    act(one);
    await until(() => one.closed?.code === code);
  });
});

describe('a clk from elsewhere', () => {
  test('is never worth more than an image of what its bearer may see', async () => {
    const de = await world.socket('de-key');
    await de.subscribe();
    await world.publisher.publish([rule('hide-tennis', { sport: 'tennis' }, 'HIDE')]);
    const uk = await world.socket();
    await until(async () => (await world.marketsAt('sim:e3', UK)).markets.length === 0);
    const stolen = de.client.clk ?? '';
    const forged = [stolen, `${stolen.slice(0, 5)}AAAA${stolen.slice(9)}`, Buffer.alloc(200, 7).toString('base64url')];
    for (const [index, clk] of forged.entries()) {
      const answer = await uk.subscribe({ clk }, index + 1);
      expect(answer).toMatchObject({ ct: 'IMG', recovered: false, reason: index === 0 ? 'VIEW' : 'UNKNOWN' });
    }
    expect(uk.bytes).not.toContain('sim:3');
    await world.publisher.publish([noRule('hide-tennis')]);
    await until(() => uk.client.markets.has('sim:3'));
  });
});

describe('a release', () => {
  test('that hides a market removes it from streams and names it nowhere else', async () => {
    const one = await world.socket();
    await one.subscribe({ conflateMs: 120_000 });
    const before = await world.marketsAt('sim:e1', UK);
    await world.publisher.publish([rule('hide-goals', { market: 'sim:2' }, 'HIDE')]);
    await until(() => one.frames.some(({ m }) => m?.some(({ id, rm }) => id === 'sim:2' && rm)));
    const length = one.bytes.length;
    await world.writer.price('sim:2', 'sim:e1', [[1, 3_210]]);
    await world.writer.status('sim:1', 'sim:e1', 'SUSPENDED');
    await until(() => one.client.markets.get('sim:1')?.st === 'SUSPENDED');
    expect(one.bytes.slice(length)).not.toContain('sim:2');
    const fresh = await world.socket();
    await fresh.subscribe();
    expect(fresh.bytes).not.toContain('sim:2');
    for (const path of [
      '/v2/events/sim:e1/markets',
      '/v2/markets',
      '/v2/markets?markets=sim:2',
      '/v2/markets?types=GOALS',
    ]) {
      const response = await world.edge.get(path, UK);
      expect([
        path,
        (await response.text()).replace('"sim:2"', 'FOUND'),
        JSON.stringify([...response.headers]),
      ]).not.toContain('FOUND');
    }
    const missed: { removed: string[] } = JSON.parse(
      await (await world.edge.get(`/v2/changes?since=${before.clk}&wait=0`, UK)).text(),
    );
    expect(missed.removed).toEqual(['sim:2']);
    await world.publisher.publish([noRule('hide-goals')]);
    await until(() => one.client.markets.get('sim:2')?.st === 'OPEN');
    await world.writer.open(
      'sim:1',
      'sim:e1',
      [
        [1, 2_000],
        [2, 1_900],
      ],
      { startTime: '2026-06-01T12:00:00Z' },
    );
  });

  test('that suspends removes prices, for the views that it applies to', async () => {
    const uk = await world.socket();
    const de = await world.socket('de-key');
    await uk.subscribe({ conflateMs: 0 });
    await de.subscribe({ conflateMs: 0 });
    await world.publisher.publish([
      {
        kind: 'market-rule',
        site: 'acme-de',
        key: 'stop',
        body: { match: { event: 'sim:e1' }, effect: 'SUSPEND', reason: 'test' },
      },
    ]);
    await until(() => de.client.markets.get('sim:1')?.sr === 'OPS');
    await world.writer.price('sim:1', 'sim:e1', [[1, 6_660]]);
    await until(() => uk.client.priceOf('sim:1', 1) === 6_660);
    expect(de.bytes).not.toContain('6660');
    expect(await (await world.edge.get('/v2/events/sim:e1/markets', DE)).text()).not.toContain('6660');
    await world.publisher.publish([{ kind: 'market-rule', site: 'acme-de', key: 'stop' }]);
    await until(() => de.client.priceOf('sim:1', 1) === 6_660);
  });
});

describe('a client key', () => {
  test('that is taken back, or bound to another site, ends what it opened', async () => {
    const uk = await world.socket();
    const de = await world.socket('de-key');
    await uk.subscribe();
    await de.subscribe();
    await world.publisher.settings({
      clientKeys: [clientKey('uk-key', { site: 'acme-de', scopes: ['read'] }), ...KEYS.slice(1)],
    });
    await until(() => uk.closed?.code === 4403);
    expect(uk.frames.at(-1)).toEqual({ op: 'bye', code: 'KEY', retryMs: [0, 5_000] });
    expect(de.closed).toBeUndefined();
    await world.publisher.settings({ clientKeys: KEYS });
    await until(async () => (await world.edge.get('/v2/markets?site=acme-uk', UK)).status === 200);
  });
});

describe('an edge that restarts', () => {
  test('says goodbye, reads its markets from the snapshot, and readers resume', async () => {
    const one = await world.socket();
    await one.subscribe({ filter: { events: ['sim:e3'] } });
    await world.restart();
    await until(() => one.closed, { what: 'the goodbye' });
    expect(one.frames.at(-1)).toMatchObject({ op: 'bye', code: 'DRAIN' });
    expect(one.closed?.code).toBe(1001);
    await until(async () => (await world.marketsAt('sim:e3', UK)).markets.some(({ st }) => st === 'OPEN'));
    const again = await world.socket();
    // It reads the log from its beginning here, so it knows everything since.
    expect(await again.subscribe({ filter: { events: ['sim:e3'] }, clk: one.client.clk })).toMatchObject({
      ct: 'RESUB',
      recovered: true,
    });
  });
});

function handshake(path: string, headers: Record<string, string>): Promise<string> {
  const url = new URL(world.edge.url);
  return new Promise((resolve, reject) => {
    const lines = Object.entries({
      Host: url.host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    });
    const stream = connect(Number(url.port), url.hostname, () =>
      stream.write(`GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`),
    );
    let answer = '';
    stream.on('data', (piece) => {
      answer += piece.toString('latin1');
      if (answer.startsWith('HTTP/1.1 101') && answer.includes('\r\n\r\n')) stream.destroy();
    });
    stream.on('close', () => resolve(answer));
    stream.on('error', reject);
  });
}
