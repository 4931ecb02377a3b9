import { setTimeout as delay } from 'node:timers/promises';
import type { AppProcess } from '#processes';
import { isHazardRun, openLoop, type RunningLoad } from '#testing';
import type { Installation } from './installation.js';
import { type Page, readPage } from './read-page.js';
import { TWINS_PATH } from './twins.js';

/** How long an edge that was told to end may take before its silence counts against it: longer than it is left to end by itself. */
const FAREWELL_MS = 15_000;

/** By `npm test` edges are watched, by `npm run test:hazards` under load. */
const READS_PER_SECOND = isHazardRun() ? 200 : 50;

/** What was seen over the whole time. */
export interface EdgeReport {
  readonly answers: number;
  /** What must never be seen, in words. */
  readonly violations: readonly string[];
  /** The title that pages showed, by the seq that they named. */
  readonly titles: ReadonlyMap<number, string>;
}

/**
 * Reads the twins' page from every edge all the time, as frontends would. Edges that were killed may be silent, but
 * whatever answers must answer well: a whole page of one release that never goes back.
 */
export class EdgeWatch {
  private readonly load: RunningLoad;
  private readonly floors = new Map<AppProcess, number>();
  /** The process that answered last, by edge: only such a one is expected to answer again. */
  private readonly answered = new Map<AppProcess, number>();
  private readonly bodies = new Map<number, string>();
  private readonly titles = new Map<number, string>();
  private readonly violations: string[] = [];
  private answers = 0;

  /** `emptyDisks`: edges may start without a state, and say 503 until they have read one. */
  constructor(
    installation: Installation,
    private readonly options: { perSecond?: number; emptyDisks?: boolean } = {},
  ) {
    const { edges } = installation.parts;
    this.load = openLoop({ perSecond: options.perSecond ?? READS_PER_SECOND, maxInFlight: 100 }, async (number) => {
      const edge = edges[number % edges.length];
      if (edge) await this.look(edge);
    });
  }

  async stop(): Promise<EdgeReport> {
    const { errors } = await this.load.stop();
    this.violations.push(...errors.map(String));
    return { answers: this.answers, violations: this.violations, titles: this.titles };
  }

  private async look(edge: AppProcess): Promise<void> {
    const { pid } = edge;
    // Before it is asked: answers overtake each other, and a later look may have met what this one came too early for.
    const isUp = pid !== undefined && this.answered.get(edge) === pid;
    const floor = this.floors.get(edge) ?? 0;
    try {
      const page = await readPage(edge.url + TWINS_PATH);
      const excused = this.options.emptyDisks === true && page.status === 503 && !isUp;
      if (pid === undefined || excused) return;
      this.answered.set(edge, pid);
      this.judge(edge, floor, page);
    } catch (error) {
      if (!isUp) return;
      await Promise.race([edge.exit, delay(FAREWELL_MS, undefined, { ref: false })]);
      if (edge.pid === pid) this.violations.push(`an edge that runs did not answer: ${String(error)}`);
    }
  }

  private judge(edge: AppProcess, floor: number, { status, seq, bytes, titles }: Page): void {
    this.answers += 1;
    const body = bytes.toString();
    if (status !== 200) {
      this.violations.push(`answered ${status}: ${body.slice(0, 200)}`);
      return;
    }
    if (seq < floor) this.violations.push(`went back from ${floor} to ${seq}`);
    this.floors.set(edge, Math.max(this.floors.get(edge) ?? 0, seq));
    const known = this.bodies.get(seq);
    if (known !== undefined && known !== body) this.violations.push(`two pages under seq ${seq}: ${known} and ${body}`);
    this.bodies.set(seq, body);
    const [first, second] = titles;
    if (first === undefined || first !== second) this.violations.push(`mixed or empty under seq ${seq}: ${body}`);
    else this.titles.set(seq, first);
  }
}
