import { isHazardRun, openLoop, type RunningLoad } from '@paddock/testing';
import type { Installation } from './installation.js';
import type { EdgeEvent, History, Read } from './judge/history.js';
import type { ReadOptions } from './judge/judge-reads.js';
import { readPage } from './read-page.js';
import { TWINS_PATH } from './twins.js';

/** `npm test` watches edges, `npm run test:hazards` loads them. */
const READS_PER_SECOND = isHazardRun() ? 200 : 50;
/** An edge that stands still holds every request until its client gives up, after 15 s. */
const MAX_IN_FLIGHT = 5_000;

/** The observations of the whole time. */
export interface EdgeReport extends Omit<History, 'attempts'>, ReadOptions {
  /** Of successful reads: the delay in milliseconds that this share of them did not exceed. */
  delayMs(share: number): number;
}

/**
 * Reads the twins' page from every edge all the time, as frontends would, and records every request and every start and
 * stop of an edge process. The judge evaluates the record.
 */
export class EdgeWatch {
  private readonly load: RunningLoad;
  private readonly reads: Read[] = [];
  private readonly edgeEvents: EdgeEvent[] = [];
  private readonly endings: (() => void)[] = [];
  /** Pages are many and alike: each is kept once. */
  private readonly bodies = new Map<string, string>();

  constructor(
    { parts: { edges } }: Installation,
    private readonly options: ReadOptions & { perSecond?: number } = {},
  ) {
    for (const [edge, process] of edges.entries()) {
      const { pid } = process;
      if (pid !== undefined) this.edgeEvents.push({ edge, at: performance.now(), pid, what: 'ready' });
      this.endings.push(process.observe((event) => this.edgeEvents.push({ edge, ...event })));
    }
    this.load = openLoop(
      { perSecond: options.perSecond ?? READS_PER_SECOND, maxInFlight: MAX_IN_FLIGHT },
      async (number) => {
        const edge = number % edges.length;
        const url = edges[edge]?.url;
        if (url) await this.read(edge, url + TWINS_PATH);
      },
    );
  }

  async stop(): Promise<EdgeReport> {
    const { dropped, delayMs } = await this.load.stop();
    for (const end of this.endings) end();
    return {
      reads: this.reads,
      edgeEvents: this.edgeEvents,
      droppedReads: dropped,
      emptyDisks: this.options.emptyDisks ?? false,
      delayMs,
    };
  }

  private async read(edge: number, url: string): Promise<void> {
    const from = performance.now();
    const [outcome] = await Promise.allSettled([readPage(url)]);
    const about = { edge, from, to: performance.now() };
    if (outcome.status === 'rejected') {
      this.reads.push({ ...about, answer: undefined, failure: String(outcome.reason) });
      return;
    }
    const { status, seq, titles, bytes } = outcome.value;
    this.reads.push({ ...about, answer: { status, seq, titles, body: this.kept(bytes.toString()) } });
  }

  private kept(body: string): string {
    const known = this.bodies.get(body) ?? body;
    this.bodies.set(body, known);
    return known;
  }
}
