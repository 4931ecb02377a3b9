import type { EdgeEvent, History, Read, Violation } from './history.js';
import { ServiceTimes } from './service-times.js';

/** An edge answers from memory: what takes longer than this on the busiest machine waited for something behind it. */
const SLOW_MS = 5_000;

export interface ReadOptions {
  /** Edges may start without a state, and say 503 until they have read one. */
  readonly emptyDisks?: boolean;
  /** The disk of an edge was damaged: after its next start it may show an older release than before. */
  readonly startsBack?: boolean;
  /** Edges are out of descriptors: they may reset new connections, at once. */
  readonly resetsConnections?: boolean;
}

/** A connection that is reset for want of descriptors is reset within this time. */
const RESET_MS = 1_000;

/**
 * Finds reads that frontends must never see: a failed request of an edge in service, an error, an empty page, a page
 * that mixes two releases, two pages under one seq, a seq that goes back, an answer that waits.
 */
export function judgeReads(
  { reads, edgeEvents, droppedReads }: Omit<History, 'attempts'>,
  options: ReadOptions = {},
): Violation[] {
  const { emptyDisks = false, startsBack = false, resetsConnections = false } = options;
  const times = new ServiceTimes(edgeEvents);
  const before = ({ edge, to }: Read) => edgeEvents.filter((event) => event.edge === edge && event.at <= to).slice(-3);
  const violations: Violation[] = [];
  const pages: Read[] = [];
  for (const read of reads) {
    const { edge, from, to, answer } = read;
    const violate = (invariant: string, detail: string): void =>
      void violations.push({ invariant, detail, evidence: [...before(read), read] });
    if (!answer) {
      const reset = resetsConnections && to - from < RESET_MS;
      if (!reset && !times.excusesFailure(read)) violate('an edge in service answers', `no answer: ${read.failure}`);
    } else if (answer.status !== 200) {
      const starting = emptyDisks && answer.status === 503 && !times.wasReady(read);
      // The page itself may be younger than what a damaged disk brings back.
      const older = startsBack && answer.status === 404;
      if (!starting && !older)
        violate('an edge serves no error', `answered ${answer.status}: ${answer.body.slice(0, 200)}`);
    } else {
      pages.push(read);
      if (to - from > SLOW_MS && !times.isPaused(edge, from, to))
        violate('an edge answers from memory', `answered after ${Math.round(to - from)} ms`);
    }
  }
  if (droppedReads > 0)
    violations.push({
      invariant: 'the load is offered whole',
      detail: `${droppedReads} reads were not sent`,
      evidence: [],
    });
  return [
    ...violations,
    ...pages.flatMap(tornPage),
    ...contradictingPages(pages),
    ...stepsBack(pages, startsBack ? edgeEvents : []),
  ];
}

/** The title that pages showed, by the seq that they named. */
export function titlesBySeq(reads: readonly Read[]): Map<number, string> {
  return new Map(
    reads.flatMap(({ answer }) =>
      answer?.status === 200 && answer.titles[0] !== undefined ? [[answer.seq, answer.titles[0]]] : [],
    ),
  );
}

function tornPage(read: Read): Violation[] {
  const { titles = [], seq } = read.answer ?? {};
  if (titles.length === 2 && titles[0] === titles[1]) return [];
  return [
    {
      invariant: 'no page mixes two releases or is empty',
      detail: `seq ${seq} shows ${JSON.stringify(titles)}`,
      evidence: [read],
    },
  ];
}

function contradictingPages(pages: readonly Read[]): Violation[] {
  const first = new Map<number, Read>();
  return pages.flatMap((read) => {
    const seq = read.answer?.seq ?? 0;
    const known = first.get(seq) ?? read;
    first.set(seq, known);
    if (known.answer?.body === read.answer?.body) return [];
    return [{ invariant: 'one page under one seq', detail: `two pages under seq ${seq}`, evidence: [known, read] }];
  });
}

/**
 * A read that was sent after another one was answered must not name a lower seq; answers to overlapping reads may overtake
 * each other. After a start that is among `starts`, an edge may begin with a lower one.
 */
function stepsBack(pages: readonly Read[], starts: readonly EdgeEvent[]): Violation[] {
  const lifeOf = ({ edge, from }: Read): string =>
    `${edge} ${starts.filter((event) => event.edge === edge && event.what === 'started' && event.at < from).length}`;
  return [...Map.groupBy(pages, lifeOf).values()].flatMap((ofOneLife) => {
    const answered = ofOneLife.toSorted((a, b) => a.to - b.to);
    let next = 0;
    let highest: Read | undefined;
    return ofOneLife
      .toSorted((a, b) => a.from - b.from)
      .flatMap((read) => {
        for (let other = answered[next]; other && other.to <= read.from; other = answered[(next += 1)]) {
          if ((other.answer?.seq ?? 0) > (highest?.answer?.seq ?? -1)) highest = other;
        }
        const [before, now] = [highest?.answer?.seq ?? 0, read.answer?.seq ?? 0];
        return now >= before
          ? []
          : [
              {
                invariant: 'an edge never goes back',
                detail: `from seq ${before} to ${now}`,
                evidence: [highest, read],
              },
            ];
      });
  });
}
