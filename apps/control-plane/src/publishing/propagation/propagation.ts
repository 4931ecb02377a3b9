import type { ReceiptState } from '@paddock/contracts';

/** A landed release, as far as its propagation is concerned. */
export interface LandedSeq {
  environment: string;
  seq: number;
  landedAt: Date;
}

/** Where an instance stands. */
export interface InstancePosition {
  consumer: string;
  instance: string;
  appliedSeq: number;
  startedAt: Date;
  leaseExpiresAt: Date;
}

/** The report of an instance about the release. */
export interface StoredReceipt {
  consumer: string;
  instance: string;
  state: ReceiptState;
  ms: number | null;
  error: string | null;
  appliedAt: Date;
}

/** `PENDING`: alive and silent; `STALE`: was alive when it landed, and fell silent for good. */
export type InstanceState = ReceiptState | 'PENDING' | 'STALE';

export interface InstancePropagation {
  consumer: string;
  instance: string;
  state: InstanceState;
  ms: number | null;
  error: string | null;
}

/** How far a release got. */
export interface PropagationState {
  desiredSeq: number;
  applied: number;
  rejected: number;
  skipped: number;
  pending: number;
  stale: number;
  p95Ms: number | null;
  receipts: InstancePropagation[];
}

/**
 * Which instances have applied a release. Counted are instances that are alive, have reported on it, or were alive
 * when it landed. An instance at a later release counts as having applied it, even if its receipt was lost or it
 * started afterwards; an instance that started afterwards does not count for the duration of the release.
 */
export function propagate(
  release: LandedSeq,
  instances: readonly InstancePosition[],
  receipts: readonly StoredReceipt[],
  now: Date,
): PropagationState {
  const said = new Map(receipts.map((receipt) => [nameOf(receipt), receipt]));
  const positions = new Map(instances.map((instance) => [nameOf(instance), instance]));
  const names = [...new Set([...said.keys(), ...positions.keys()])].sort();
  const counted = names.flatMap((name) => {
    const receipt = said.get(name);
    const position = positions.get(name);
    const state = stateOf(release, receipt, position, now);
    const { consumer, instance } = receipt ?? position ?? {};
    if (!state || !consumer || !instance) return [];
    const own = receipt?.state === state ? receipt : undefined;
    const timely = own !== undefined && state === 'APPLIED' && !startedLate(release, own, position);
    return [
      {
        shown: { consumer, instance, state, ms: own?.ms ?? null, error: own?.error ?? null },
        ms: timely ? own.ms : null,
      },
    ];
  });
  const count = (state: InstanceState) => counted.filter(({ shown }) => shown.state === state).length;
  return {
    desiredSeq: release.seq,
    applied: count('APPLIED'),
    rejected: count('REJECTED'),
    skipped: count('SKIPPED'),
    pending: count('PENDING'),
    stale: count('STALE'),
    p95Ms: percentile95(counted.flatMap(({ ms }) => ms ?? [])),
    receipts: counted.map(({ shown }) => shown),
  };
}

/** No instance is outstanding, and none has to be repaired. */
export function isSettled({ receipts, pending, rejected }: PropagationState): boolean {
  return receipts.length > 0 && pending === 0 && rejected === 0;
}

/** `release 42: applied by 3 of 3 edges, p95 31 ms` */
export function summarize({
  desiredSeq,
  applied,
  rejected,
  skipped,
  pending,
  stale,
  p95Ms,
  receipts,
}: PropagationState): string {
  const expected = applied + rejected + skipped + pending;
  const classes = new Set(receipts.map(({ consumer }) => consumer));
  const [only] = classes.size === 1 ? [...classes] : [];
  const noun = only ? `${only}${expected === 1 ? '' : 's'}` : expected === 1 ? 'instance' : 'instances';
  return [
    `release ${desiredSeq}: applied by ${applied} of ${expected} ${noun}`,
    ...(rejected ? [`rejected by ${rejected}`] : []),
    ...(skipped ? [`skipped by ${skipped}`] : []),
    ...(stale ? [`${stale} stale`] : []),
    ...(p95Ms === null ? [] : [`p95 ${p95Ms} ms`]),
  ].join(', ');
}

function stateOf(
  { seq, landedAt }: LandedSeq,
  receipt: StoredReceipt | undefined,
  position: InstancePosition | undefined,
  now: Date,
): InstanceState | undefined {
  const appliedSeq = position?.appliedSeq ?? 0;
  // That it is exactly there is newer than that it once rejected it; that it is further does not undo the rejection.
  if (receipt?.state === 'REJECTED' && appliedSeq === seq) return 'APPLIED';
  if (receipt) return receipt.state;
  if (!position) return undefined;
  if (appliedSeq >= seq) return 'APPLIED';
  if (position.leaseExpiresAt > now) return 'PENDING';
  return position.leaseExpiresAt >= landedAt ? 'STALE' : undefined;
}

/** Whether the instance applied it only because it started after the landing. */
function startedLate(
  { landedAt }: LandedSeq,
  { appliedAt }: StoredReceipt,
  position: InstancePosition | undefined,
): boolean {
  return position !== undefined && position.startedAt > landedAt && appliedAt >= position.startedAt;
}

/** By nearest rank. */
function percentile95(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}

function nameOf({ consumer, instance }: { consumer: string; instance: string }): string {
  return `${consumer} ${instance}`;
}
