import { isDeepStrictEqual } from 'node:util';
import { sha256Hex } from '@paddock/contracts';
import type { EdgeFacts, EnvironmentFacts, Facts } from './facts.js';
import type { Attempt, History, Violation } from './history.js';
import { judgeReads, type ReadOptions, titlesBySeq } from './judge-reads.js';

export interface JudgeOptions extends ReadOptions {
  /** The fault consists of jobs that must fail. */
  readonly poison?: boolean;
}

/** How an answer looks that leaves the outcome open: no connection, or an error that says to try again. */
const RETRYABLE = /^503 UNAVAILABLE$|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|Parse Error/;

/**
 * Checks all invariants: the clients' observations and acknowledgements against the facts in MySQL, edges and queues.
 */
export function judge(history: History, facts: Facts, options: JudgeOptions = {}): Violation[] {
  return [
    ...judgeReads(history, options),
    ...judgeTitles(history, facts),
    ...facts.environments.flatMap(judgeEnvironment),
    ...judgeAttempts(history.attempts, facts),
    ...facts.edges.flatMap((edge) => judgeEdge(edge, facts.live)),
    ...(facts.brokenAudit === undefined
      ? []
      : [{ invariant: 'the audit chain verifies', detail: facts.brokenAudit, evidence: [] }]),
    ...(options.poison ? [] : judgeJobs(facts)),
  ];
}

/** Under every seq the titles that MySQL has for it. */
function judgeTitles({ reads }: History, { titlesAt }: Facts): Violation[] {
  return [...titlesBySeq(reads)].flatMap(([seq, title]) => {
    const stored = titlesAt.get(seq) ?? [];
    if (stored.length === 2 && stored.every((one) => one === title)) return [];
    const read = reads.find(({ answer }) => answer?.seq === seq);
    return [
      {
        invariant: 'pages are what MySQL has at their seq',
        detail: `seq ${seq} shows ${title}, stored is ${JSON.stringify(stored)}`,
        evidence: [read],
      },
    ];
  });
}

/** Seqs from 1 without gap or double, one audit row each, and a state hash that the history leads to. */
function judgeEnvironment({ name, headSeq, stateHash, stateHashOfHistory, landed }: EnvironmentFacts): Violation[] {
  const violations: Violation[] = [];
  const seqs = landed.map(({ seq }) => seq);
  if (
    !isDeepStrictEqual(
      seqs,
      Array.from({ length: headSeq }, (_, index) => index + 1),
    )
  ) {
    const misplaced = landed.find(({ seq }, index) => seq !== index + 1);
    violations.push({
      invariant: 'seqs have no gap and no double',
      detail: `${name} is at ${headSeq} and has ${seqs.length} releases`,
      evidence: [misplaced],
    });
  }
  for (const release of landed.filter(({ audited }) => audited !== 1)) {
    violations.push({
      invariant: 'one audit row for each landing',
      detail: `seq ${release.seq} has ${release.audited}`,
      evidence: [release],
    });
  }
  if (stateHash !== stateHashOfHistory) {
    violations.push({
      invariant: 'the state hash is that of the history',
      detail: `${name}: ${stateHash}, not ${stateHashOfHistory}`,
      evidence: [],
    });
  }
  return violations;
}

/**
 * An acknowledged publish is in the history under its seq, each key once; a refused one is not; every failure says
 * whether to retry.
 */
function judgeAttempts(attempts: readonly Attempt[], { keys }: Facts): Violation[] {
  const acknowledged = new Map<number, Attempt>();
  return attempts.flatMap((attempt) => {
    const { key, marker, settled, unknown } = attempt;
    const landed = keys.filter((row) => row.key === key);
    const violate = (invariant: string, detail: string, ...more: unknown[]): Violation => ({
      invariant,
      detail,
      evidence: [attempt, ...landed, ...more],
    });
    const unclear = unknown
      .filter((answer) => !RETRYABLE.test(answer))
      .map((answer) => violate('a failed request says whether to try again', answer));
    if (!settled) return [...unclear, violate('a publish is answered in the end', marker)];
    if ('refused' in settled)
      return landed.length === 0 ? unclear : [...unclear, violate('what is refused does not land', marker)];
    const expected = [{ key, releaseId: settled.releaseId, seq: settled.seq, title: marker }];
    if (!isDeepStrictEqual(landed, expected))
      unclear.push(violate('what is acknowledged is stored once, under its seq', `${marker} at ${settled.seq}`));
    const duplicate = acknowledged.get(settled.seq);
    if (duplicate) unclear.push(violate('a seq is acknowledged once', `seq ${settled.seq}`, duplicate));
    acknowledged.set(settled.seq, attempt);
    return unclear;
  });
}

/** An edge has every live document, by name and by content, and no other. */
function judgeEdge({ edge, documents }: EdgeFacts, live: EdgeFacts['documents']): Violation[] {
  const names = new Set([...Object.keys(documents), ...Object.keys(live)]);
  return [...names].flatMap((name) => {
    const [held, stored] = [documents[name], live[name]];
    if (isDeepStrictEqual(held, stored) && stored && sha256Hex(stored.body) === stored.sha256) return [];
    return [{ invariant: 'edges hold what MySQL says', detail: `edge ${edge}, ${name}`, evidence: [{ held, stored }] }];
  });
}

function judgeJobs({ failedJobs }: Facts): Violation[] {
  return failedJobs.map((job) => ({
    invariant: 'no job fails for good',
    detail: `${job.queue} ${job.id}: ${job.reason}`,
    evidence: [job],
  }));
}

/** So many violations of one kind are shown: the others say the same. */
const SHOWN = 2;

/** Violations as people read them: of each kind the first ones, and how many there are. */
export function describeViolations(violations: readonly Violation[]): string[] {
  return [...Map.groupBy(violations, ({ invariant }) => invariant)].flatMap(([invariant, all]) => [
    ...all.slice(0, SHOWN).map(describeViolation),
    ...(all.length > SHOWN ? [`${invariant}: ${all.length - SHOWN} more`] : []),
  ]);
}

/** A violation as people read it: what, and the few entries of the history that show it. */
export function describeViolation({ invariant, detail, evidence }: Violation): string {
  return [`${invariant}: ${detail}`, ...evidence.map((entry) => `    ${JSON.stringify(entry)}`)].join('\n');
}
