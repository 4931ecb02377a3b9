import { INEXACT_NUMBER_MESSAGE, InexactNumber } from '@paddock/contracts';
import type { Finding } from './check.js';
import { below } from './path.js';

/** Deeper than any body may be, and shallow enough for every recursive walk that follows. */
const MAX_DEPTH = 30;
const MAX_FINDINGS = 20;

/**
 * Names that reach an object's prototype instead of a field where code copies carelessly. They are refused rather than
 * dropped: what is not stored must not look stored.
 */
const PROTOTYPE_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** What makes an input unfit to be looked at more closely: values that JSON cannot carry, depth, and prototype names. */
export function structureFindings(value: unknown): Finding[] {
  const findings: Finding[] = [];
  visit(value, '', 1, findings);
  return findings;
}

function visit(value: unknown, path: string, depth: number, findings: Finding[]): void {
  if (findings.length >= MAX_FINDINGS) return;
  if (
    typeof value === 'function' ||
    typeof value === 'symbol' ||
    typeof value === 'bigint' ||
    (typeof value === 'number' && !Number.isFinite(value))
  ) {
    findings.push({
      path,
      code: 'NOT_JSON',
      message: `is ${typeof value === 'number' ? value : `a ${typeof value}`}, which JSON cannot carry`,
    });
  }
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof InexactNumber) {
    findings.push({ path, code: 'NUMBER_TOO_PRECISE', message: INEXACT_NUMBER_MESSAGE });
    return;
  }
  if (depth > MAX_DEPTH) {
    findings.push({ path, code: 'TOO_DEEP', message: `is nested more than ${MAX_DEPTH} levels deep` });
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((member: unknown, at) => visit(member, `${path}[${at}]`, depth + 1, findings));
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    const at = below(path, name);
    if (PROTOTYPE_NAMES.has(name))
      findings.push({ path: at, code: 'FORBIDDEN_NAME', message: `${name} is not allowed as a name` });
    else visit(member, at, depth + 1, findings);
  }
}
