import { setTimeout as delay } from 'node:timers/promises';
import { type Random, until } from '@paddock/testing';
import { collectFacts } from '../collect-facts.js';
import { type EdgeReport, EdgeWatch } from '../edge-watch.js';
import type { History } from '../judge/history.js';
import { describeViolations, judge } from '../judge/judge.js';
import { titlesBySeq } from '../judge/judge-reads.js';
import type { FaultRow, Site } from './hazard-row.js';

/** Every few seconds, as busy editors do. */
const PUBLISH_EVERY_MS = 3_000;
/** Within one period of publishing, so that a fault meets every step of it. */
const OFFSET_MS = { min: 200, max: PUBLISH_EVERY_MS + 200 };
/** Extra time for a run that did not converge within its bound, to distinguish slow from stuck. */
const STUCK_MS = 120_000;

/** The observations of one repetition of a row. */
export interface Outcome {
  readonly row: string;
  readonly seed: number;
  readonly wallMs: number;
  /** From the start of healing until everything agreed; undefined when it never did. */
  readonly convergedMs?: number | undefined;
  readonly publishes?: number;
  readonly reads?: number;
  /** Of pages, from when each was due. */
  readonly readP99Ms?: number;
  /** The measurements of rows with their own settings. */
  readonly measured?: string;
  /** Empty when everything held. */
  readonly problems: readonly string[];
}

/** Injects the fault of a row at a random moment under load, heals it, and judges everything that was recorded. */
export async function runRepetition(
  row: FaultRow,
  site: Site,
  random: Random,
): Promise<Outcome & { history: History }> {
  const begun = performance.now();
  const { installation, publisher, other, events } = site;
  const publishesBefore = publisher.attempts.length + other.attempts.length;
  const problems: string[] = [];
  const attempt = async (what: string, work: () => Promise<void> | undefined): Promise<void> => {
    await Promise.resolve(work()).catch((error: unknown) => void problems.push(`${what}: ${withCauses(error)}`));
  };
  const watch = new EdgeWatch(installation, { emptyDisks: row.judge?.emptyDisks ?? false });
  const stopPublishing = publisher.repeat(PUBLISH_EVERY_MS);
  events?.start();
  await delay(random.integer(OFFSET_MS.min, OFFSET_MS.max));
  await attempt('during the fault', () => row.inject(site, random));
  const healing = performance.now();
  await attempt('healing', () => row.heal?.(site, random));
  await attempt('healing', () => installation.revive());
  const convergedMs = await convergence(site, healing, row.boundMs, problems);
  await attempt('publishing after it', () => nextPublish(site));
  await attempt('publishing', stopPublishing);
  await attempt('sending events', () => events?.stop());
  await attempt('after publishing', () => installation.converged(30_000));
  await attempt('counting events', () => events?.expectCounted());
  const report = await watch.stop();
  const history = { ...report, attempts: [...publisher.attempts, ...other.attempts] };
  await attempt('judging', async () => {
    const facts = await collectFacts(installation, titlesBySeq(report.reads).keys());
    problems.push(...describeViolations(judge(history, facts, row.judge)));
  });
  const about = { row: row.name, seed: random.seed, wallMs: Math.round(performance.now() - begun), convergedMs };
  const publishes = history.attempts.length - publishesBefore;
  return {
    ...about,
    publishes,
    reads: answered(report),
    readP99Ms: Math.round(report.delayMs(0.99)),
    problems,
    history,
  };
}

/** Runs a row with a setting of its own. */
export async function runSeparately(
  name: string,
  run: (random: Random) => Promise<string>,
  random: Random,
): Promise<Outcome> {
  const begun = performance.now();
  const [outcome] = await Promise.allSettled([run(random)]);
  const about = { row: name, seed: random.seed, wallMs: Math.round(performance.now() - begun) };
  if (outcome.status === 'rejected') return { ...about, problems: [withCauses(outcome.reason)] };
  return { ...about, measured: outcome.value, problems: [] };
}

async function convergence(
  { installation }: Site,
  healing: number,
  boundMs: number,
  problems: string[],
): Promise<number | undefined> {
  const took = (): number => Math.round(performance.now() - healing);
  try {
    await installation.converged(Math.max(0, boundMs - took()));
    return took();
  } catch (error) {
    problems.push(`not converged within ${boundMs} ms: ${withCauses(error)}`);
  }
  return installation.converged(STUCK_MS).then(took, (error: unknown) => {
    problems.push(`not converged ${STUCK_MS} ms later either: ${withCauses(error)}`);
    return undefined;
  });
}

/** A publish after the fault arrives as before. */
async function nextPublish({ publisher }: Site): Promise<void> {
  const begun = publisher.attempts.length;
  await until(() => publisher.attempts[begun]?.settled, { timeoutMs: STUCK_MS, what: 'another publish' });
}

function answered({ reads }: EdgeReport): number {
  return reads.filter(({ answer }) => answer?.status === 200).length;
}

/** The message of an error, and what caused it. */
export function withCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${withCauses(error.cause)})`;
}
