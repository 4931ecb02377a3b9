import { expect } from 'vitest';
import { collectFacts } from './collect-facts.js';
import type { EdgeReport } from './edge-watch.js';
import type { Installation } from './installation.js';
import type { Attempt, Violation } from './judge/history.js';
import { describeViolations, judge, type JudgeOptions } from './judge/judge.js';
import { titlesBySeq } from './judge/judge-reads.js';

const NOT_READ: Pick<EdgeReport, 'reads' | 'edgeEvents' | 'droppedReads'> = {
  reads: [],
  edgeEvents: [],
  droppedReads: 0,
};

/** Expects that history, audit log, edges and answers agree, once everything runs again. */
export async function expectAgreement(
  installation: Installation,
  attempts: readonly Attempt[] = [],
  options: JudgeOptions = {},
): Promise<void> {
  expectNone(judge({ ...NOT_READ, attempts }, await collectFacts(installation), options));
}

/** The same, and that readers saw no fault, and under every seq the title that MySQL has for it. */
export async function expectFaultlessReads(
  installation: Installation,
  report: EdgeReport,
  options: JudgeOptions = {},
): Promise<void> {
  const { emptyDisks = false, reads } = report;
  const facts = await collectFacts(installation, titlesBySeq(reads).keys());
  expectNone(judge({ ...report, attempts: [] }, facts, { emptyDisks, ...options }));
  expect(reads.filter(({ answer }) => answer?.status === 200).length).toBeGreaterThan(0);
}

function expectNone(violations: readonly Violation[]): void {
  expect(describeViolations(violations).join('\n')).toBe('');
}
