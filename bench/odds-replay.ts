import { setTimeout as delay } from 'node:timers/promises';
import type { MarketWriter } from '../apps/edge/test/market-writer.js';
import type { Cores } from './cores.js';
import type { Observation } from './figures.js';
import type { Arrival } from './odds-clients.js';
import { Clients } from './odds-fanout.js';
import type { Race } from './odds-race.js';
import { clientsOf, type Kind, NAMES, setOddsStage } from './odds-stage.js';
import { ms, percentile } from './statistics.js';
import { cpuSeconds, residentBytes } from './usage.js';

/** The clients of the race, the server, and the replay speed. */
export interface ReplaySizes {
  readonly sockets: readonly number[];
  readonly seconds: number;
  /** One after the other, until the server can do no more. */
  readonly speeds: readonly number[];
}

/** Only the edge has windows; 250 ms is its default. */
const VARIANTS: readonly { readonly kind: Kind; readonly conflateMs: number }[] = [
  { kind: 'edge', conflateMs: 0 },
  { kind: 'edge', conflateMs: 250 },
  { kind: 'ws', conflateMs: 0 },
  { kind: 'socket.io', conflateMs: 0 },
  { kind: 'edge-sse', conflateMs: 0 },
  { kind: 'better-sse', conflateMs: 0 },
];

/** From this busy share on, a core is saturated; below this delivered share, a server has fallen behind. */
const SATURATED = { busy: 0.95, deliveredShare: 0.9 };

interface Played {
  /** Share of the time in which the server's core worked for it. */
  readonly busy: number;
  /** Share of the written updates that clients received. */
  readonly deliveredShare: number;
  readonly line: string;
}

/**
 * The race to this many sockets, by a freshly started server of each kind, so that its memory is that of these sockets.
 */
export async function replayRace(
  redisUrl: string,
  race: Race,
  { sockets, seconds, speeds }: ReplaySizes,
  cores: Cores,
  say: (what: string) => void,
): Promise<Observation[]> {
  const observations: Observation[] = [
    {
      name: 'the race that is played',
      value: `${race.source}: ${race.updates.length} updates in ${(race.lengthMs / 1_000).toFixed(0)} s`,
    },
  ];
  for (const count of sockets) {
    say(`odds delivery: a race to ${count.toLocaleString('en')} sockets`);
    for (const { kind, conflateMs } of VARIANTS) {
      const stage = await setOddsStage(redisUrl, `replay-${count}-${kind}-${conflateMs}`, [kind], cores, (writer) =>
        writer.write(race.market, race.event, race.image),
      );
      const served = stage.served(kind);
      const empty = await residentBytes(served.pid);
      const clients = await Clients.open({
        ...clientsOf(served, race.event, conflateMs),
        count,
        deaf: 0,
        oneMarket: true,
      });
      const player = new Player(race, stage.writer);
      const name = `${NAMES[kind]}${kind.startsWith('edge') ? `, ${conflateMs === 0 ? 'no window' : `windows of ${conflateMs} ms`}` : ''}, ${count.toLocaleString('en')} sockets`;
      for (const speed of speeds) {
        const played = await play(player, clients, { speed, count, seconds, pid: served.pid });
        const perSocket =
          speed === speeds[0]
            ? `; ${(((await residentBytes(served.pid)) - empty) / count / 1e3).toFixed(1)} KB per socket`
            : '';
        observations.push({ name: `${name}, ${speed}×`, value: `${played.line}${perSocket}` });
        if (played.busy >= SATURATED.busy || played.deliveredShare < SATURATED.deliveredShare) break;
      }
      await clients.leave();
      await stage.stop();
    }
  }
  return observations;
}

async function play(
  player: Player,
  clients: Clients,
  { speed, count, seconds, pid }: { speed: number; count: number; seconds: number; pid: number },
): Promise<Played> {
  const stop = player.play(speed);
  await delay(1_000);
  await clients.ask('begin');
  const [begun, written, cpu, clientsCpu] = [
    performance.now(),
    player.written,
    await cpuSeconds(pid),
    await cpuSeconds(clients.pid),
  ];
  await delay(seconds * 1_000);
  const counted = await clients.ask('end');
  const took = (performance.now() - begun) / 1_000;
  const spent = (await cpuSeconds(pid)) - cpu;
  const clientsSpent = (await cpuSeconds(clients.pid)) - clientsCpu;
  const due = (player.written - written) * count;
  stop();
  const delays = counted.arrivals.flatMap((arrivals) => arrivals.flatMap((arrival) => player.delaysOf(arrival)));
  const deliveredShare = counted.updates / due;
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const line = [
    `${whole(counted.updates / took)} updates/s delivered (${(deliveredShare * 100).toFixed(0)} %) in ${whole(counted.frames / took)} frames/s`,
    `${whole(counted.updates / spent)} updates and ${whole(counted.frames / spent)} frames per CPU second`,
    delays.length === 0
      ? 'nothing received'
      : `written → received p50 ${ms(percentile(delays, 0.5))}, p99 ${ms(percentile(delays, 0.99))}`,
    `core ${((spent / took) * 100).toFixed(0)} % busy, clients ${((clientsSpent / took) * 100).toFixed(0)} %`,
    ...(counted.ended > 0 ? [`${whole(counted.ended)} sockets ended`] : []),
  ].join('; ');
  return { busy: spent / took, deliveredShare, line };
}

/** Writes the race to the log at a pace, over and over; knows when it wrote which version. */
class Player {
  private readonly writtenAt: number[] = [];

  constructor(
    private readonly race: Race,
    private readonly writer: MarketWriter,
  ) {}

  /** Updates so far; versions count from 1, which is the image. */
  get written(): number {
    return this.writtenAt.length;
  }

  /** @returns what ends it */
  play(speed: number): () => void {
    const { updates, lengthMs, market, event } = this.race;
    const begun = performance.now();
    let next = 0;
    const timer = setInterval(() => {
      const playedMs = (performance.now() - begun) * speed;
      for (;;) {
        const update = updates[next % updates.length];
        if (!update || Math.floor(next / updates.length) * lengthMs + update.atMs > playedMs) return;
        next += 1;
        this.writtenAt.push(performance.timeOrigin + performance.now());
        void this.writer.write(market, event, update.draft);
      }
    }, 2);
    return () => clearInterval(timer);
  }

  /** Counts every update that an entry stands for. */
  delaysOf({ before, v, atMs }: Arrival): number[] {
    // The first update after the image has version 2.
    return this.writtenAt.slice(before - 1, v - 1).map((writtenMs) => atMs - writtenMs);
  }
}
