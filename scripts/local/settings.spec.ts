import { expect, test } from 'vitest';
import { readSettings } from './settings.mjs';

test('PORT_BASE moves every port, and a port of its own beats it', () => {
  expect(readSettings({}).ports).toEqual({ controlPlane: 4000, worker: 4001, edge: 4100, analytics: 4200, odds: 4300 });
  expect(readSettings({ PORT_BASE: '7000' }).ports).toEqual({
    controlPlane: 7000,
    worker: 7001,
    edge: 7100,
    analytics: 7200,
    odds: 7300,
  });
  expect(readSettings({ PORT_BASE: '7000', EDGE_PORT: '80' }).ports).toEqual({
    controlPlane: 7000,
    worker: 7001,
    edge: 80,
    analytics: 7200,
    odds: 7300,
  });
});

test('PORT_BASE moves the operations ports, which collide with no other', () => {
  const { ports, operationsPorts } = readSettings({ PORT_BASE: '7000' });
  expect(operationsPorts).toEqual({ controlPlane: 7050, worker: 7051, edge: 7150, analytics: 7250, odds: 7350 });
  expect(new Set([...Object.values(ports), ...Object.values(operationsPorts)]).size).toBe(10);
});

test.each(['nonsense', '0', '-1', '70000', '4000.5'])('the port %j is refused by name', (port) => {
  expect(() => readSettings({ EDGE_PORT: port })).toThrow('EDGE_PORT must be a port');
});

test('a process may have an address of its own, on a server that is named too', () => {
  const servers = { DATABASE_URL: 'mysql://a/p', REDIS_URL: 'redis://a' };
  expect(
    readSettings({ ...servers, DATABASE_URL_ODDS: 'mysql://odds@a/p', REDIS_URL_EDGE: 'redis://edge@a' }).ownUrls,
  ).toEqual({ database: { odds: 'mysql://odds@a/p' }, redis: { edge: 'redis://edge@a' } });
  expect(() => readSettings({ DATABASE_URL_ODDS: 'mysql://odds@a/p' })).toThrow('set DATABASE_URL too');
});
