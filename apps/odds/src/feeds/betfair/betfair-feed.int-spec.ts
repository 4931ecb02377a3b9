import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AddressGuard, AddressPolicy } from '@paddock/outbound';
import { createLogger } from '@paddock/runtime';
import { until } from '@paddock/testing';
import { CollectingOutlet } from '../../testing/collecting-outlet.js';
import { FakeBetfair } from '../../testing/fake-betfair.js';
import { BetfairFeed, type BetfairOptions } from './betfair-feed.js';
import type { BetfairMarketChange } from './messages.js';

const image = (id: string, back = 2): BetfairMarketChange => ({
  id,
  img: true,
  marketDefinition: {
    status: 'OPEN',
    inPlay: false,
    eventId: '9',
    eventTypeId: '1',
    marketType: 'MATCH_ODDS',
    runners: [{ id: 1, status: 'ACTIVE', sortPriority: 1 }],
  },
  rc: [{ id: 1, batb: [[0, back, 10]] }],
});
const delta = (id: string, back: number): BetfairMarketChange => ({ id, rc: [{ id: 1, batb: [[0, back, 10]] }] });

describe('the Betfair feed', () => {
  let betfair: FakeBetfair;
  let outlet: CollectingOutlet;
  let stop: AbortController;
  let running: Promise<void>;
  let renewals: boolean[];

  beforeEach(async () => {
    betfair = await FakeBetfair.start();
    betfair.image = [image('1.1'), image('1.2')];
    outlet = new CollectingOutlet();
    stop = new AbortController();
    renewals = [];
  });
  afterEach(async () => {
    stop.abort();
    await running;
    await betfair.close();
  });

  const start = (more: Partial<BetfairOptions> = {}): BetfairFeed => {
    const session = (renew: boolean): Promise<string> => Promise.resolve(`token-${renewals.push(renew)}`);
    const endpoint = {
      host: '127.0.0.1',
      port: betfair.port,
      guard: new AddressGuard(AddressPolicy.forOperators()),
      ca: betfair.ca,
    };
    const feed = new BetfairFeed(
      {
        key: 'bf',
        endpoint,
        appKey: 'app',
        session,
        marketFilter: { eventTypeIds: ['1'] },
        heartbeatMs: 5_000,
        ...more,
      },
      createLogger('test', 'silent'),
    );
    running = feed.run(outlet, stop.signal);
    return feed;
  };
  const complete = () => until(() => outlet.story.at(-1) === 'complete');
  const prices = () =>
    outlet.changes.flatMap((change) => (change.type === 'market' ? (change.runners ?? []).map(({ p }) => p) : []));

  test('authenticates, subscribes, and is complete after the image', async () => {
    start();
    await complete();
    expect(outlet.story).toEqual(['down RESTART', 'market bf:1.1', 'market bf:1.2', 'complete']);
    expect(outlet.changes[0]).toMatchObject({
      event: 'bf:9',
      img: true,
      status: 'OPEN',
      source: { feed: 'bf', clk: 'c0' },
      definition: { sport: 'football', type: 'MATCH_ODDS' },
      runners: [{ id: 1, p: 2_000 }],
    });
    expect(betfair.asked).toMatchObject([
      { op: 'authentication', appKey: 'app', session: 'token-1' },
      {
        op: 'marketSubscription',
        heartbeatMs: 5_000,
        segmentationEnabled: true,
        marketFilter: { eventTypeIds: ['1'] },
      },
    ]);
  });

  test('resumes after the newest whole answer, never in mid-answer', async () => {
    start();
    await complete();
    betfair.send({ clk: 'c1', pt: 1, mc: [delta('1.1', 2.1)] });
    betfair.send({ clk: 'c2', segmentType: 'SEG_START', pt: 2, mc: [delta('1.1', 2.2)] });
    await until(() => prices().at(-1) === 2_200);
    betfair.cut();
    const resumed = await until(() => betfair.subscribed && betfair.asked.at(-1));
    expect(resumed).toMatchObject({ op: 'marketSubscription', initialClk: 'i0', clk: 'c1' });
    betfair.send({ ct: 'RESUB_DELTA', clk: 'c3', pt: 3, mc: [{ ...delta('1.1', 2.3), con: true }] });
    await complete();
    expect(outlet.story.slice(-4)).toEqual(['market bf:1.1', 'market bf:1.1', 'market bf:1.2', 'complete']);
    expect(prices().at(-2)).toBe(2_300);
  });

  test('subscribes without a clock when Betfair no longer knows its clock, and withdraws what the new image lacks', async () => {
    start();
    await complete();
    betfair.refuse = ({ op, clk }) => (op === 'marketSubscription' && clk ? 'INVALID_CLOCK' : undefined);
    betfair.image = [image('1.2', 3)];
    betfair.cut();
    await until(() => outlet.story.filter((word) => word === 'complete').length === 2);
    expect(outlet.changes.at(-1)).toMatchObject({ market: 'bf:1.1', status: 'INACTIVE' });
  });

  test('asks for a new session when the old one is refused', async () => {
    betfair.refuse = ({ session }) => (session === 'token-1' ? 'INVALID_SESSION_INFORMATION' : undefined);
    start();
    await complete();
    expect(renewals).toEqual([false, true]);
  });

  test('takes an image in segments as one', async () => {
    betfair.image = undefined;
    start();
    await until(() => betfair.subscribed);
    betfair.send({ ct: 'SUB_IMAGE', segmentType: 'SEG_START', clk: 'a', initialClk: 'i', mc: [image('1.1')] });
    betfair.send({ ct: 'SUB_IMAGE', segmentType: 'SEG', clk: 'b', mc: [image('1.2')] });
    betfair.send({ ct: 'SUB_IMAGE', segmentType: 'SEG_END', clk: 'c', mc: [image('1.3')] });
    await complete();
    expect(outlet.story).toEqual(['down RESTART', 'market bf:1.1', 'market bf:1.2', 'market bf:1.3', 'complete']);
  });

  test('ignores what an older subscription still sends', async () => {
    start();
    await complete();
    betfair.sendRaw(JSON.stringify({ op: 'mcm', id: 1, clk: 'x', mc: [delta('1.1', 9)] }));
    betfair.send({ clk: 'y', mc: [delta('1.1', 2.5)] });
    await until(() => prices().at(-1) === 2_500);
    expect(prices()).not.toContain(9_000);
  });

  test('is late while Betfair says so, and reports everything again afterwards', async () => {
    start();
    await complete();
    betfair.send({ ct: 'HEARTBEAT', clk: 'h1', status: 503 });
    betfair.send({ ct: 'HEARTBEAT', clk: 'h2', status: 503 });
    betfair.send({ ct: 'HEARTBEAT', clk: 'h3' });
    await until(() => outlet.story.filter((word) => word === 'complete').length === 2);
    expect(outlet.story.slice(4)).toEqual(['down LATE', 'market bf:1.1', 'market bf:1.2', 'complete']);
  });

  test.each([
    ['{"op":"mcm","id":2,"mc":[{"id":"1.1","rc":[{"id":1,"atb":[["2",1]]}]}]}', '/mc/0/rc/0/atb/0/0'],
    ['{"op":"mcm","id":2,"mc":[{"rc":[]}]}', 'id'],
    ['{"op":"mcm",', 'JSON'],
    ['[]', 'object'],
  ])('offers nothing after %s until a new connection has brought images', async (line, reason) => {
    start();
    await complete();
    betfair.image = [image('1.1', 3)];
    betfair.sendRaw(line);
    await until(() => outlet.story.filter((word) => word === 'complete').length === 2);
    expect(outlet.setAside).toEqual([{ message: line, reason: expect.stringContaining(reason) }]);
    expect(outlet.story.slice(4)).toEqual(['down UNREADABLE', 'market bf:1.1', 'market bf:1.2', 'complete']);
    // Not resumed: what the line said would be missing.
    expect(betfair.asked.at(-1)).not.toHaveProperty('clk');
    expect(outlet.changes.at(-1)).toMatchObject({ market: 'bf:1.2', status: 'INACTIVE' });
  });

  test('quarantines a message of another kind and continues', async () => {
    start();
    await complete();
    betfair.sendRaw('{"op":"ccm","id":2}');
    betfair.send({ clk: 'y', mc: [delta('1.1', 2.5)] });
    await until(() => prices().at(-1) === 2_500);
    expect(outlet.setAside).toEqual([{ message: '{"op":"ccm","id":2}', reason: expect.stringContaining('tag "op"') }]);
  });

  test('connects again when heartbeats stop', async () => {
    start({ heartbeatMs: 500 });
    await complete();
    await until(() => betfair.asked.filter(({ op }) => op === 'authentication').length === 2);
    expect(betfair.asked.at(-1)).toMatchObject({ op: expect.stringMatching('authentication|marketSubscription') });
  });

  test('reports everything again when it is not trusted', async () => {
    const feed = start();
    await complete();
    betfair.send({ clk: 'c1', mc: [delta('1.1', 2.7)] });
    await until(() => prices().at(-1) === 2_700);
    feed.recover();
    await until(() => outlet.story.filter((word) => word === 'complete').length === 2);
    expect(prices().slice(-2)).toEqual([2_700, 2_000]);
  });

  test('brings back no prices of before while its connection is gone, however often it is asked', async () => {
    const feed = start();
    await complete();
    betfair.image = undefined;
    betfair.cut();
    await until(() => betfair.subscribed);
    feed.recover('bf', 'DOWN');
    betfair.send({ ct: 'HEARTBEAT', clk: 'h1', status: 503 });
    await until(() => outlet.story.at(-1) === 'down LATE');
    expect(outlet.story.filter((word) => word === 'complete')).toHaveLength(1);
    betfair.send({ ct: 'RESUB_DELTA', clk: 'c2', mc: [delta('1.1', 2.9)] });
    await until(() => outlet.story.filter((word) => word === 'complete').length > 1);
    expect(prices()).toContain(2_900);
  });

  test('reports an image again when part of it was lost on its way to the log', async () => {
    betfair.image = undefined;
    const feed = start();
    await until(() => betfair.subscribed);
    betfair.send({ ct: 'SUB_IMAGE', segmentType: 'SEG_START', clk: 'a', initialClk: 'i', mc: [image('1.1')] });
    await until(() => outlet.story.includes('market bf:1.1'));
    feed.recover('bf', 'LOST');
    betfair.send({ ct: 'SUB_IMAGE', segmentType: 'SEG_END', clk: 'b', mc: [image('1.2')] });
    await complete();
    expect(outlet.story).toEqual([
      'down RESTART',
      'market bf:1.1',
      'market bf:1.2',
      'market bf:1.1',
      'market bf:1.2',
      'complete',
    ]);
  });
});
