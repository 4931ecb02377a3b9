import { ALL_SITES, type MarketMatch, type RuleEffect } from '@paddock/contracts';
import { clientKey, type Edit, redisPrefix, temporaryDirectory, TestPublisher, until } from '@paddock/testing';
import { MarketSocket } from './market-socket.js';
import { MarketWriter } from './market-writer.js';
import { TestEdge } from './test-edge.js';

/** `uk-key` and `de-key` for a site each, `any-key` for all of them, and one that may not read. */
export const KEYS = [
  clientKey('uk-key', { site: 'acme-uk', jurisdiction: 'GB', scopes: ['read'] }),
  clientKey('de-key', { id: 'key-2', site: 'acme-de', scopes: ['read'] }),
  clientKey('any-key', { id: 'key-3', scopes: ['read'] }),
  clientKey('receipts-key', { id: 'key-4', site: 'acme-uk', scopes: ['receipts'] }),
];
export const UK = { 'Paddock-Client-Key': 'uk-key' };
export const DE = { 'Paddock-Client-Key': 'de-key' };

/** What REST answers for an event. */
export interface Snapshot {
  readonly clk: string;
  readonly markets: { readonly id: string; readonly st: string; readonly v: number }[];
}

export const rule = (key: string, match: MarketMatch, effect: RuleEffect): Edit => ({
  kind: 'market-rule',
  site: ALL_SITES,
  key,
  body: { match, effect, reason: 'test' },
});
export const noRule = (key: string): Edit => ({ kind: 'market-rule', site: ALL_SITES, key });

/** A real edge on a real log, with three markets of two events. */
export class MarketWorld {
  private readonly open: { close(): unknown }[] = [];

  private constructor(
    private readonly area: ReturnType<typeof redisPrefix>,
    private readonly directory: Awaited<ReturnType<typeof temporaryDirectory>>,
    readonly publisher: TestPublisher,
    readonly writer: MarketWriter,
    public edge: TestEdge,
  ) {}

  static async start(): Promise<MarketWorld> {
    const area = redisPrefix();
    const directory = await temporaryDirectory();
    const publisher = new TestPublisher(area.url, area.prefix);
    await publisher.settings({ clientKeys: KEYS });
    await publisher.publish([
      {
        kind: 'odds-feed',
        site: ALL_SITES,
        key: 'sim',
        body: { source: { simulator: {} }, suspendedDisplay: 'BLANK', conflateMs: 50 },
      },
    ]);
    const writer = await MarketWriter.open(area.url, area.prefix);
    await writer.open(
      'sim:1',
      'sim:e1',
      [
        [1, 2_000],
        [2, 1_900],
      ],
      { startTime: '2026-06-01T12:00:00Z' },
    );
    await writer.open('sim:2', 'sim:e1', [[1, 3_000]], { type: 'GOALS', startTime: '2026-06-01T11:00:00Z' });
    await writer.open('sim:3', 'sim:e3', [[1, 4_000]], { sport: 'tennis', startTime: '2026-06-01T10:00:00Z' });
    const edge = await TestEdge.start({ redisUrl: area.url, prefix: area.prefix, stateDir: directory.path });
    const world = new MarketWorld(area, directory, publisher, writer, edge);
    await until(async () => (await world.marketsAt('sim:e1', UK)).markets.some(({ st }) => st === 'OPEN'));
    return world;
  }

  /** Ends the edge, and starts it again on what it kept. */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.edge.close();
    this.edge = await TestEdge.start({
      redisUrl: this.area.url,
      prefix: this.area.prefix,
      stateDir: this.directory.path,
      env,
    });
  }

  /** Where its log is. */
  get redis(): { readonly url: URL; readonly prefix: string } {
    return this.area;
  }

  /** A socket that {@link hangUp} closes. */
  async socket(key = 'uk-key', protocols?: string[]): Promise<MarketSocket> {
    return this.keep(await MarketSocket.open(this.edge.url, key, protocols));
  }

  keep<T extends { close(): unknown }>(one: T): T {
    this.open.push(one);
    return one;
  }

  async hangUp(): Promise<void> {
    for (const one of this.open.splice(0)) await one.close();
  }

  async marketsAt(event: string, headers: Record<string, string>): Promise<Snapshot> {
    return JSON.parse(await (await this.edge.get(`/v2/events/${event}/markets`, headers)).text());
  }

  async close(): Promise<void> {
    await this.edge.close();
    await this.writer.close();
    this.publisher.close();
    await this.area.clear();
    await this.directory.remove();
  }
}
