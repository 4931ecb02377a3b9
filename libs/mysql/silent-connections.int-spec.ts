import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DataSource } from 'typeorm';
import { createDatabase, TcpProxy, type ThrowawayDatabase } from '@paddock/testing';
import { mysqlDataSource } from './data-source.js';
import { NOT_ANSWERED } from './silent-connections.js';
import { inTransaction } from './transactions.js';

let database: ThrowawayDatabase;
let network: TcpProxy;
let source: DataSource;

beforeEach(async () => {
  database = await createDatabase();
  network = await TcpProxy.to(Number(database.url.port));
  const url = new URL(database.url);
  url.port = String(network.port);
  source = await mysqlDataSource(url, {
    poolSize: 2,
    queryTimeoutMs: 3_000,
    entities: [],
    migrations: [],
  }).initialize();
  await source.query('CREATE TABLE thing (id INT PRIMARY KEY)');
});
afterEach(async () => {
  await source.destroy();
  await network.close();
  await database.drop();
});

test('database-silent: statements fail in time, also those behind, and work again when it answers', async () => {
  network.silence();
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => source.query('SELECT 1')));
  expect(
    outcomes.map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason.driverError ?? outcome.reason).code : 'answered',
    ),
  ).toEqual([NOT_ANSWERED, 'ETIMEDOUT', 'ETIMEDOUT', 'ETIMEDOUT']);
  network.heal();
  expect(await source.query('SELECT 2 AS two')).toEqual([{ two: 2 }]);
});

test('database-silent: a transaction that was under way is not continued by the next caller', async () => {
  const under = inTransaction(source, async (tx) => {
    await tx.query('INSERT INTO thing VALUES (1)');
    network.silence();
    await tx.query('INSERT INTO thing VALUES (2)');
  });
  await expect(under).rejects.toMatchObject({ driverError: { code: NOT_ANSWERED } });
  network.heal();
  await source.query('INSERT INTO thing VALUES (3)');
  expect(await source.query('SELECT id FROM thing')).toEqual([{ id: 3 }]);
});
