export const RECEIPT_STATES = ['APPLIED', 'REJECTED', 'SKIPPED'] as const;
/** The outcomes that an instance reports. PENDING and STALE are computed from its silence. */
export type ReceiptState = (typeof RECEIPT_STATES)[number];

/** Names under which the product's own services give receipts. No client key carries one, so that no other consumer can send receipts in their name. */
export const RESERVED_CONSUMERS = [
  ...['edge', 'odds', 'analytics', 'analytics-backfill', 'social', 'storefront', 'console', 'media', 'proxy'],
  ...['control-plane', 'worker', 'relay', 'scheduler', 'artefacts', 'webhook', 'legacy-table', 'system', 'paddock'],
] as const;

/** Is it a name of the product's own services? */
export function isReservedConsumer(name: string): boolean {
  return RESERVED_CONSUMERS.some((reserved) => reserved === name);
}

/** An instance's report on one release. A later receipt covers all earlier releases of its environment. */
export interface Receipt {
  environment: string;
  /** The history that `seq` belongs to. A receipt from another history than the current one is ignored. */
  epoch?: string;
  seq: number;
  consumer: string;
  instance: string;
  state: ReceiptState;
  /** Why it was rejected; for APPLIED, which documents were refused, and why. */
  error?: string;
  /** The state hash that the instance holds afterwards. */
  stateHash?: string;
  /** RFC 3339, UTC, by the instance's clock. */
  appliedAt: string;
  /** Milliseconds from the landing to `appliedAt`. */
  ms?: number;
  /** From consumers that send no heartbeats: for how long after it the instance counts as alive. */
  leaseMs?: number;
  requestId?: string;
  traceparent?: string;
}

/** The state of one environment that an instance holds. */
export interface HeldPosition {
  environment: string;
  /** The history that `seq` belongs to; with it the control plane detects that an instance holds releases that MySQL has lost. */
  epoch?: string;
  seq: number;
  stateHash: string;
  /** Version of the settings that it uses; absent where it reads none. */
  settingsVersion?: number;
}

/** Renews an instance's lease and repeats its position, which makes up for a lost receipt. */
export interface Heartbeat {
  consumer: string;
  instance: string;
  leaseMs: number;
  /** RFC 3339, UTC. */
  startedAt: string;
  /** The name of the machine that it runs on; absent from versions before this field. */
  host?: string;
  /** The version of the software that it runs. */
  version?: string;
  environments: HeldPosition[];
}
