/** Whether an independent recomputation of a metric's closed windows gave the numbers that are served. */
export const RECONCILIATION_STATES = ['UNCHECKED', 'EQUAL', 'DIFFERENT', 'DIRECT'] as const;
export type ReconciliationState = (typeof RECONCILIATION_STATES)[number];

/** Which numbers are authoritative while a daily batch is being replaced. */
export const AUTHORITIES = ['SHADOW', 'AUTHORITATIVE', 'BATCH_RETIRED'] as const;
export type Authority = (typeof AUTHORITIES)[number];

/** The reconciliation state of a metric. */
export interface ReconciliationStatus {
  state: ReconciliationState;
  windows: number;
  different: number;
  checkedAt: number | null;
  authority: Authority;
}
