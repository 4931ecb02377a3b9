import { expect, test } from 'vitest';
import { fc } from '@paddock/testing';
import { DirectPolling } from './duplicate-polling.js';

const options = { windowMs: 1_000, volatileParameters: new Set(['_']), pricePerRequest: 0.002 };

test('clients that ask the same within one window are found, with what the proxy would save', () => {
  const polling = new DirectPolling(options);
  const ask = (at: number, client: string, url: string, bytes = 100): void =>
    polling.add({ at, client, method: 'GET', url, status: 200, bytes });
  for (let second = 0; second < 60; second += 1) {
    ask(second * 1_000 + 10, 'shop', `https://api.example.com/odds?b=2&a=1&_=${second}`);
    ask(second * 1_000 + 500, 'app', `https://API.example.com/odds?a=1&b=2&apiKey=secret-${second}`);
    ask(second * 1_000 + 700, 'shop', 'https://api.example.com/only-shop');
  }
  polling.add({ at: 1, client: 'shop', method: 'POST', url: 'https://api.example.com/odds', status: 200, bytes: 1 });
  polling.add(undefined);
  const report = polling.report();
  expect(report).toMatchObject({
    lines: 182,
    unreadable: 1,
    passedOver: 1,
    requests: 180,
    windowMs: 1_000,
    from: '1970-01-01T00:00:00.010Z',
  });
  expect(report.duplicate).toEqual({
    questions: 1,
    requests: 120,
    savedRequests: 60,
    savedBytes: 6_000,
    savedCost: 0.12,
  });
  expect(report.questions).toEqual([
    {
      url: 'https://api.example.com/odds?a=1&b=2',
      requests: 120,
      bytes: 12_000,
      windows: 60,
      sharedWindows: 60,
      duplicateRequests: 60,
      savedRequests: 60,
      savedBytes: 6_000,
      savedCost: 0.12,
      clients: [
        { client: 'shop', requests: 60 },
        { client: 'app', requests: 60 },
      ],
    },
  ]);
  expect(JSON.stringify(report)).not.toContain('secret');
});

test('a path alone belongs to the origin that is named, or to the host of its line', () => {
  const polling = new DirectPolling({ ...options, origin: 'https://one.example' });
  for (const client of ['a', 'b'])
    polling.add({ at: 0, client, method: 'GET', url: '/odds', host: 'two.example', status: 200, bytes: 1 });
  expect(polling.report().questions[0]?.url).toBe('https://one.example/odds');
  const byHost = new DirectPolling(options);
  for (const client of ['a', 'b'])
    byHost.add({ at: 0, client, method: 'GET', url: '/odds', host: 'two.example', status: 200, bytes: 1 });
  expect(byHost.report().questions[0]?.url).toBe('https://two.example/odds');
});

test('what is saved is what a naive count says, for logs in any order within some windows', () => {
  const request = fc.record({
    at: fc.integer({ min: 0, max: 19_999 }),
    client: fc.constantFrom('a', 'b', 'c'),
    path: fc.constantFrom('/x', '/y'),
    bytes: fc.integer({ min: 0, max: 50 }),
  });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
      const polling = new DirectPolling(options);
      for (const { at, client, path, bytes } of requests)
        polling.add({ at, client, method: 'GET', url: `https://h.example${path}`, status: 200, bytes });
      let saved = 0;
      for (const path of ['/x', '/y']) {
        const its = requests.filter((one) => one.path === path);
        const windows = Map.groupBy(its, ({ at }) => Math.floor(at / 1_000));
        const shared = [...windows.values()].some((asked) => new Set(asked.map(({ client }) => client)).size > 1);
        if (shared) saved += its.length - windows.size;
      }
      expect(polling.report().duplicate.savedRequests).toBe(saved);
    }),
  );
});
