import type { Visitor } from '@paddock/audience';
import type { Candidate, PagePlan } from './page-plan.js';

/** The answers of a plan's predicates for one visitor, 30 bits to a number. A million visitors have few different ones. */
export type Signature = readonly number[];

const BITS = 30;

export function signatureOf(plan: PagePlan, visitor: Visitor): Signature {
  const words: number[] = [];
  for (let i = 0; i < plan.predicates.length; i += 1) {
    const word = Math.floor(i / BITS);
    const bit = plan.predicates[i]?.(visitor) ? 1 << (i % BITS) : 0;
    words[word] = (words[word] ?? 0) | bit;
  }
  return words;
}

/** What one visitor sees, slot by slot, and how long that is valid. */
export interface Resolved {
  slots: { name: string; shown: Candidate[] }[];
  /** The next instant at which it changes, by schedules alone; `Infinity` where it never does. */
  validUntil: number;
}

/**
 * How many instants ahead are tried for a change that the visitor would see. Beyond, `validUntil` may come early, which
 * costs a request and shows nothing wrong.
 */
const MAX_INSTANTS = 512;

/** Resolves a plan for visitors of one signature at one time. Pure: the same for previews, caches and tests. */
export function resolve(plan: PagePlan, signature: Signature, now: number): Resolved {
  const slots = plan.slots.map(({ name, groups }) => ({
    name,
    groups: groups.map(({ limit, candidates }) => ({
      limit,
      candidates: candidates.filter((candidate) => meets(candidate, signature)),
    })),
  }));
  const at = (instant: number): Candidate[][] =>
    slots.map(({ groups }) => groups.flatMap((group) => shownOf(group, instant)));
  const shown = at(now);
  return {
    slots: slots.map(({ name }, index) => ({ name, shown: shown[index] ?? [] })),
    validUntil: nextChange(
      shown,
      at,
      instantsAfter(
        now,
        slots.flatMap(({ groups }) => groups.flatMap(({ candidates }) => candidates)),
      ),
    ),
  };
}

function meets({ needs }: Candidate, signature: Signature): boolean {
  for (const index of needs) {
    const word = signature[Math.floor(index / BITS)] ?? 0;
    if ((word & (1 << (index % BITS))) === 0) return false;
  }
  return true;
}

function shownOf({ limit, candidates }: { limit: number; candidates: Candidate[] }, instant: number): Candidate[] {
  const shown: Candidate[] = [];
  for (const candidate of candidates) {
    if (shown.length >= limit) break;
    if (candidate.from <= instant && instant < candidate.to) shown.push(candidate);
  }
  return shown;
}

function instantsAfter(now: number, candidates: readonly Candidate[]): number[] {
  const instants = new Set<number>();
  for (const { from, to } of candidates) {
    if (from > now && from !== Infinity) instants.add(from);
    if (to > now && to !== Infinity) instants.add(to);
  }
  return [...instants].sort((a, b) => a - b);
}

function nextChange(shown: Candidate[][], at: (instant: number) => Candidate[][], instants: readonly number[]): number {
  for (const [index, instant] of instants.entries()) {
    if (index === MAX_INSTANTS || !same(shown, at(instant))) return instant;
  }
  return Infinity;
}

function same(a: Candidate[][], b: Candidate[][]): boolean {
  return a.every(
    (slot, index) =>
      slot.length === b[index]?.length && slot.every((candidate, place) => candidate === b[index]?.[place]),
  );
}
