import { once } from 'node:events';
import { WebSocket } from 'ws';
import { EventReader } from '../../apps/edge/test/event-reader.js';
import { MarketClient, type WireFrame, type WireMarket } from '../../apps/edge/test/market-client.js';
import { ClkCodec, type Place } from '../../apps/edge/src/markets/clk.js';

/** How a reader connects, and what it wants. */
export interface LiveReaderOptions {
  readonly edge: string;
  readonly key: string;
  /** The edge's signing secret, with which the reader decodes the opaque `clk`. */
  readonly clkSecret: string;
  readonly conflateMs: number;
  readonly transport: 'ws' | 'sse';
}

/** A shown price with its version. */
export interface ShownPrice {
  readonly market: string;
  readonly v: number;
  readonly runner: string;
  readonly p: unknown;
}

/** A connection of a {@link LiveReader}. */
interface Line {
  close(): void;
}

const PRICES = ['p', 'lay', 'ltp', 'sp'];

/**
 * A frontend that reads a real edge over one connection after another, with what it holds and the newest `clk` going on
 * from each to the next. It looks at every frame as it comes, and notes what no frame may say.
 */
export class LiveReader {
  readonly client = new MarketClient();
  readonly faults: string[] = [];
  readonly shown: ShownPrice[] = [];
  /** How each connection began: `RESUB`, or `IMG` with its reason. */
  readonly answers: string[] = [];
  /** Reasons of the images that came in mid-connection. */
  readonly images: string[] = [];
  private readonly codec: ClkCodec;
  private readonly versions = new Map<string, number>();
  private place: Place | undefined;
  private line: Line | undefined;
  private fresh = false;

  private constructor(private readonly options: LiveReaderOptions) {
    this.codec = new ClkCodec(options.clkSecret);
  }

  static async open(options: LiveReaderOptions): Promise<LiveReader> {
    const reader = new LiveReader(options);
    await reader.connect();
    return reader;
  }

  get name(): string {
    return `${this.options.transport} ${this.options.conflateMs}`;
  }

  async connect(): Promise<void> {
    this.fresh = true;
    this.line = await (this.options.transport === 'ws' ? this.openSocket() : this.openEvents());
  }

  /** Goes without a word, as a phone in a tunnel does. */
  drop(): void {
    this.line?.close();
    this.line = undefined;
  }

  private async openSocket(): Promise<Line> {
    const { edge, key, conflateMs } = this.options;
    const { clk } = this.client;
    const socket = new WebSocket(`${edge.replace(/^http/, 'ws')}/v2/markets/stream`, ['odds.1', `key.${key}`]);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) =>
      this.take(JSON.parse(data.toString('utf8')), socket.readyState === WebSocket.OPEN),
    );
    await once(socket, 'open');
    socket.send(JSON.stringify({ op: 'sub', id: 1, conflateMs, hbMs: 500, ...(clk === undefined ? {} : { clk }) }));
    return { close: () => socket.terminate() };
  }

  private async openEvents(): Promise<Line> {
    const { edge, key, conflateMs } = this.options;
    const { clk } = this.client;
    const line = { open: true };
    const reader = await EventReader.open(
      `${edge}/v2/markets/stream?conflateMs=${conflateMs}&hbMs=500&clientKey=${key}`,
      clk === undefined ? {} : { 'Last-Event-ID': clk },
      ({ id, data }) => {
        if (data === undefined) return;
        const frame: WireFrame = JSON.parse(data);
        if (id !== frame.clk) this.faults.push(`the id ${id} is not the clk ${frame.clk}`);
        this.take(frame, line.open);
      },
    );
    return {
      close() {
        line.open = false;
        reader.close();
      },
    };
  }

  private take(frame: WireFrame, open: boolean): void {
    // Frames that arrive after the connection was closed are ignored: the next connection begins with the previous clk.
    if (!open) return;
    if (frame.op === 'err' || frame.op === 'bye') this.faults.push(JSON.stringify(frame));
    this.noteAnswer(frame);
    this.client.take(frame);
    for (const entry of frame.m ?? []) this.checkEntry(entry);
    if (frame.clk !== undefined) this.follow(frame.clk, frame.ct === 'IMG');
  }

  private noteAnswer({ ct, seg, reason }: WireFrame): void {
    const begins = seg === undefined || seg === 'S';
    if (ct === 'IMG' && begins) this.versions.clear();
    if (ct !== undefined && begins) (this.fresh ? this.answers : this.images).push(reason ? `${ct} ${reason}` : ct);
    if (ct === undefined && this.fresh)
      this.faults.push(`${this.name} got changes before the position where they begin`);
    this.fresh = false;
  }

  private checkEntry({ id, v = 0, rm, r = [] }: WireMarket): void {
    if (rm) {
      this.versions.delete(id);
      return;
    }
    const before = this.versions.get(id) ?? 0;
    if (v < before) this.faults.push(`${id} goes from v ${before} to ${v}`);
    this.versions.set(id, v);
    const status = this.client.markets.get(id)?.st;
    for (const runner of r) {
      const priced = PRICES.filter((price) => runner[price] !== undefined);
      if (priced.length > 0 && status !== 'OPEN')
        this.faults.push(`${id} is ${status} and has ${priced.join()} at v ${v}`);
      if (runner['p'] !== undefined)
        this.shown.push({ market: id, v: Math.floor(v), runner: String(runner.id), p: runner['p'] });
    }
  }

  /** A position continues, or a new history begins with an image. */
  private follow(clk: string, isImage: boolean): void {
    const place = this.codec.read(clk);
    if (typeof place === 'string') {
      this.faults.push(`the clk is ${place}`);
      return;
    }
    for (const { shard, epoch, seq } of place.shards) {
      const before = this.place?.shards.find((one) => one.shard === shard);
      if (!before || isImage) continue;
      if (before.epoch === epoch && seq < before.seq)
        this.faults.push(`the clk of partition ${shard} goes from ${before.seq} to ${seq}`);
      if (before.epoch !== epoch && before.seq > 0)
        this.faults.push(`partition ${shard} is of another history without an announcement`);
    }
    this.place = place;
  }
}
