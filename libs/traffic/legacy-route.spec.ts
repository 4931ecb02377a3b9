import { describe, expect, test } from 'vitest';
import { isGone, legacyHeaders, type LegacyRoute, LegacyRoutes } from './legacy-route.js';
import { migrationBoard } from './migration-board.js';

const route: LegacyRoute = {
  route: '/v1/odds/events/:id',
  version: 'v1',
  successor: '/v2/events/:id/markets',
  deprecatedAt: new Date('2026-01-01T00:00:00Z'),
  sunsetAt: new Date('2027-01-01T00:00:00Z'),
  documentation: 'https://docs.example/move',
};

describe('a legacy route', () => {
  test('says since when, until when and where to go', () => {
    expect(legacyHeaders(route, '/v2/events/7/markets')).toEqual({
      deprecation: '@1767225600',
      sunset: 'Fri, 01 Jan 2027 00:00:00 GMT',
      link: '</v2/events/7/markets>; rel="successor-version", <https://docs.example/move>; rel="deprecation"; type="text/html", <https://docs.example/move>; rel="sunset"; type="text/html"',
    });
  });

  test('is gone from its last moment on, and cannot end before it is deprecated', () => {
    expect([
      isGone(route, Date.parse('2026-12-31T23:59:59.999Z')),
      isGone(route, Date.parse('2027-01-01T00:00:00Z')),
    ]).toEqual([false, true]);
    expect(() => new LegacyRoutes([{ ...route, sunsetAt: new Date('2025-01-01') }])).toThrow('ends before');
    expect(() => new LegacyRoutes([route, route])).toThrow('twice');
  });
});

test('the board shows who still uses what will end, those with most at stake first', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  const day = '2026-11-20';
  const count = (client: string, path: string, requests: number, lastAt = now) => ({
    day,
    client,
    version: path.slice(1, 3),
    route: path,
    requests,
    lastAt,
  });
  const board = migrationBoard(
    [
      count('shop', route.route, 10),
      count('app', route.route, 30),
      count('app', '/v2/changes', 5),
      count('old', route.route, 99, now - 90_000_000),
      count('new', '/v2/changes', 7),
    ],
    new LegacyRoutes([route]),
    now,
  );
  expect(
    board.map(({ client, state, legacyRequests, currentRequests, nextSunsetAt }) => [
      client,
      state,
      legacyRequests,
      currentRequests,
      nextSunsetAt,
    ]),
  ).toEqual([
    ['shop', 'LEGACY', 10, 0, '2027-01-01T00:00:00.000Z'],
    ['app', 'MIXED', 30, 5, '2027-01-01T00:00:00.000Z'],
    ['old', 'MOVED', 99, 0, null],
  ]);
  expect(board[0]?.routes).toEqual([
    {
      route: route.route,
      successor: route.successor,
      requests: 10,
      lastAt: '2026-11-20T12:00:00.000Z',
      sunsetAt: '2027-01-01T00:00:00.000Z',
      gone: false,
    },
  ]);
});
