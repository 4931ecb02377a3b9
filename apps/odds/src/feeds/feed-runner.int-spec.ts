import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type MarketUpdate,
  ODDS_CHANGES,
  ODDS_QUARANTINE,
  ODDS_REQUESTS,
  type OddsChange,
  parseOddsChange,
} from '@paddock/contracts';
import { readAll } from '@paddock/eventlog';
import { createLogger } from '@paddock/runtime';
import { until } from '@paddock/testing';
import { marketStateRig, type MarketStateRig } from '../testing/market-state-rig.js';
import type { Feed, FeedOutlet } from './feed.js';
import { FeedRunner } from './feed-runner.js';

/** A feed of one market that the test controls. */
class ScriptedFeed implements Feed {
  readonly limits = { silenceMs: 3_000, lagMs: 60_000 };
  outlet: FeedOutlet | undefined;
  runs = 0;
  recoveries = 0;
  beating = true;
  failing = false;

  constructor(readonly keys: readonly [string]) {}

  async run(outlet: FeedOutlet, signal: AbortSignal): Promise<void> {
    this.outlet = outlet;
    this.runs += 1;
    if (this.failing) throw new Error('set to fail');
    const beat = setInterval(() => (this.beating ? outlet.alive() : undefined), 100);
    await this.say(2_000);
    await outlet.complete();
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    clearInterval(beat);
    this.outlet = undefined;
  }

  recover(): void {
    this.recoveries += 1;
    if (this.beating) void this.say(2_000).then(() => this.outlet?.complete());
  }

  async say(p: number, market = `${this.keys[0]}:1`): Promise<void> {
    const at = Date.now();
    await this.outlet?.write([
      {
        type: 'market',
        source: { feed: this.keys[0], pt: at },
        at,
        market,
        event: `${this.keys[0]}:e`,
        status: 'OPEN',
        runners: [{ id: 1, p }],
      },
    ]);
  }
}

describe('the feed runner', () => {
  let rig: MarketStateRig;
  const runners = new Set<FeedRunner>();

  beforeEach(async () => {
    rig = await marketStateRig();
  });
  afterEach(async () => {
    await Promise.all([...runners].map((runner) => runner.close()));
    runners.clear();
    await rig.dispose();
  });

  const run = (...feeds: Feed[]): FeedRunner => {
    const runner = new FeedRunner({
      log: rig.log,
      logger: createLogger('test', 'silent'),
      onQuarantine: () => undefined,
      leaseMs: 5_000,
    });
    void runner.become(feeds.map((feed) => ({ feed, version: '1' })));
    runners.add(runner);
    return runner;
  };
  const changes = async (): Promise<OddsChange[]> => {
    return (await readAll(rig.log, ODDS_CHANGES))
      .flat()
      .flatMap(({ value }) => parseOddsChange(value.toString()) ?? []);
  };
  const statuses = async (): Promise<string[]> =>
    (await rig.updates())
      .filter((update): update is MarketUpdate => update.type === 'market')
      .flatMap(({ st, sr }) => (st ? [sr ? `${st} ${sr}` : st] : []));

  test('says words about a feed to every partition, and those about a market to its own', async () => {
    run(new ScriptedFeed(['scripted']));
    const said = await until(async () => {
      const all = await changes();
      return all.filter(({ type }) => type === 'feed_up').length === ODDS_CHANGES.partitions && all;
    });
    expect(said.filter(({ type }) => type === 'market')).toHaveLength(1);
    await until(
      async () => (await changes()).filter(({ type }) => type === 'feed_alive').length >= ODDS_CHANGES.partitions,
    );
  });

  test('lets one feed run in one process at a time, and another take over', async () => {
    const feeds = [new ScriptedFeed(['scripted']), new ScriptedFeed(['scripted'])] as const;
    const first = run(feeds[0]);
    await until(() => feeds[0].outlet);
    const second = run(feeds[1]);
    // Only the one that owns the feed's partition runs it, whichever that is after they have shared the partitions.
    await until(
      () => feeds.filter(({ outlet }) => outlet).length === 1 && first.keys.length + second.keys.length === 1,
    );
    await first.close();
    runners.delete(first);
    await until(() => feeds[1].outlet);
    expect(feeds[0].outlet).toBeUndefined();
  });

  test('begins a feed again that failed', async () => {
    const feed = new ScriptedFeed(['scripted']);
    feed.failing = true;
    run(feed);
    await until(() => feed.runs > 1);
    feed.failing = false;
    await until(() => feed.outlet && feed.runs > 2);
    await until(async () => (await changes()).some(({ type }) => type === 'feed_up'));
  });

  test('recovers a silent feed: down, asked, reported again, open again', async () => {
    const feed = new ScriptedFeed(['scripted']);
    rig.start({ limits: feed.limits });
    run(feed);
    await until(async () => (await statuses()).at(-1) === 'OPEN');
    feed.beating = false;
    await until(async () => (await statuses()).at(-1) === 'SUSPENDED FEED');
    await until(() => feed.recoveries > 0);
    feed.beating = true;
    await until(async () => (await statuses()).at(-1) === 'OPEN');
    expect(await statuses()).toEqual(['OPEN', 'SUSPENDED FEED', 'OPEN']);
  });

  test('starts, changes and takes off feeds while it runs, and leaves the others alone', async () => {
    const [kept, old, next, added] = [
      new ScriptedFeed(['kept']),
      new ScriptedFeed(['changed']),
      new ScriptedFeed(['changed']),
      new ScriptedFeed(['added']),
    ];
    rig.start({ limits: kept.limits });
    const runner = run();
    await runner.become([
      { feed: kept, version: '1' },
      { feed: old, version: '1' },
    ]);
    await until(() => kept.outlet && old.outlet);
    await runner.become([
      { feed: new ScriptedFeed(['kept']), version: '1' },
      { feed: next, version: '2' },
      { feed: added, version: '1' },
    ]);
    await until(() => next.outlet && added.outlet);
    expect([kept.runs, kept.outlet === undefined, old.outlet]).toEqual([1, false, undefined]);
    expect(runner.keys.sort()).toEqual(['added', 'changed', 'kept']);

    await until(async () => (await rig.book('added:1'))?.st === 'OPEN');
    await runner.become([{ feed: kept, version: '1' }]);
    expect(runner.keys).toEqual(['kept']);
    // Not after its silence, which is longer than this test: it was reported.
    await until(async () => (await rig.book('added:1'))?.st === 'SUSPENDED');
    expect((await changes()).filter(({ type, source }) => type === 'feed_down' && source.feed === 'added')).toEqual(
      Array.from({ length: ODDS_CHANGES.partitions }, () => expect.objectContaining({ reason: 'DISCONNECTED' })),
    );
    expect((await rig.book('kept:1'))?.st).toBe('OPEN');
  });

  test('sets aside what has no usable id, and survives requests that make no sense', async () => {
    const feed = new ScriptedFeed(['scripted']);
    run(feed);
    await until(() => feed.outlet);
    await rig.log.append(ODDS_REQUESTS, [
      { key: 'x', value: '{"type":"dance"}' },
      { key: 'x', value: '{"type":"recover","feed":"other"}' },
      { key: 'x', value: 'no json' },
    ]);
    await feed.say(1_000, `scripted:${'x'.repeat(300)}`);
    const quarantined = await until(async () => (await rig.log.read(ODDS_QUARANTINE, 0, { limit: 10 })).at(0));
    expect(JSON.parse(quarantined.value.toString())).toMatchObject({
      feed: 'scripted',
      reason: 'ids must be 1 to 190 printable ASCII characters without blanks, markup and quotes',
    });
    await rig.log.append(ODDS_REQUESTS, [{ key: 'scripted', value: '{"type":"recover","feed":"scripted","at":1}' }]);
    await until(() => feed.recoveries === 1);
  });
});
