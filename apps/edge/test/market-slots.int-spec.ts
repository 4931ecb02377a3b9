import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layout, until } from '@paddock/testing';
import { DE, MarketWorld, noRule, rule, UK } from './market-world.js';

let world: MarketWorld;

beforeAll(async () => {
  world = await MarketWorld.start();
  const page = { page: 'home', slots: [{ name: 'live', items: [{ markets: { sport: 'football', limit: 5 } }] }] };
  await world.publisher.publish([layout('acme-uk', 'home', page), layout('acme-de', 'home', page)]);
  await until(async () => (await ids()).length > 0);
});
afterAll(() => world.close());

async function read(headers: Record<string, string> = UK, site = 'acme-uk', query = '') {
  const response = await world.edge.get(`/v1/production/sites/${site}/layouts/home${query}`, headers);
  const body: { slots?: { items: { markets: string[] }[] }[] } = JSON.parse(await response.text());
  return {
    etag: response.headers.get('etag'),
    cache: response.headers.get('cache-control'),
    markets: body.slots?.[0]?.items[0]?.markets ?? [],
  };
}

async function ids(headers?: Record<string, string>, site?: string, query?: string): Promise<string[]> {
  return (await read(headers, site, query)).markets;
}

describe('a slot of markets', () => {
  test('names those that may be seen, by start, and is not kept by caches for long', async () => {
    expect(await read()).toMatchObject({ markets: ['sim:2', 'sim:1'], cache: 'public, max-age=1, must-revalidate' });
  });

  test('keeps its tag while prices move, and gets another one with another list', async () => {
    const { etag } = await read();
    await world.writer.price('sim:1', 'sim:e1', [[1, 2_010]]);
    await until(async () => JSON.stringify(await world.marketsAt('sim:e1', UK)).includes('2010'));
    expect((await read()).etag).toBe(etag);
    await world.writer.open('sim:7', 'sim:e7', [[1, 2_000]], { startTime: '2026-06-01T09:00:00Z' });
    await until(async () => (await ids())[0] === 'sim:7');
    expect((await read()).etag).not.toBe(etag);
    await world.writer.status('sim:7', 'sim:e7', 'CLOSED');
    await until(async () => (await ids()).length === 2);
    expect((await read()).etag).toBe(etag);
  });

  test('puts featured markets first and leaves out hidden ones, whatever the visitor says of themselves', async () => {
    await world.publisher.publish([
      rule('feature', { market: 'sim:1' }, 'FEATURE'),
      {
        ...rule('hide', { market: 'sim:2' }, 'HIDE'),
        body: { match: { market: 'sim:2' }, audience: { jurisdictions: ['DE'] }, effect: 'HIDE', reason: 'law' },
      },
    ]);
    await until(async () => (await ids())[0] === 'sim:1');
    expect(await ids()).toEqual(['sim:1', 'sim:2']);
    expect(await ids(DE, 'acme-de')).toEqual(['sim:1']);
    expect(await ids({}, 'acme-de', '?jurisdiction=GB')).toEqual(['sim:1']);
    expect(await ids(DE, 'acme-de', '?jurisdiction=GB')).toEqual(['sim:1']);
    await world.publisher.publish([noRule('feature'), noRule('hide')]);
    await until(async () => (await ids(DE, 'acme-de')).length === 2);
  });
});
