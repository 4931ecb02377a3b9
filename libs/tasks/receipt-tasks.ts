import { type Heartbeat, oneOf, QUEUES, type Reader, type Receipt, RECEIPT_STATES, sha256 } from '@paddock/contracts';
import { defineTask } from './define-task.js';
import { asciiName, boundedText, instantText, integer, listOf, object, optional } from './payload.js';

/** Queue on which instances report their position to the control plane. */
export const RECEIPTS_QUEUE = QUEUES.receipts;

/** Longest reason that a receipt carries; its sender cuts it. */
export const MAX_RECEIPT_ERROR = 500;

/** Longest names, as the control plane keeps them. */
const environment = asciiName(40);
const consumer = asciiName(60);
const name = asciiName(100);
const host = asciiName(253);
const version = asciiName(60);
const MAX_ENVIRONMENTS = 100;
/** A shorter lease ends before the receipt is stored; a longer one hides a dead instance. */
const leaseMs = integer(1_000, 300_000);
/** Longest delay that is reported; with a larger clock difference it has no meaning. */
const delayMs = integer(0, 30 * 24 * 3_600_000);
const count = integer(0, Number.MAX_SAFE_INTEGER);

const receipt: Reader<Receipt> = object({
  environment,
  epoch: optional(name),
  seq: count,
  consumer,
  instance: name,
  state: oneOf(RECEIPT_STATES),
  error: optional(boundedText(MAX_RECEIPT_ERROR)),
  stateHash: optional(sha256),
  appliedAt: instantText,
  ms: optional(delayMs),
  leaseMs: optional(leaseMs),
  requestId: optional(name),
  traceparent: optional(name),
});

const heartbeat: Reader<Heartbeat> = object({
  consumer,
  instance: name,
  leaseMs,
  startedAt: instantText,
  host: optional(host),
  version: optional(version),
  environments: listOf(
    object({
      environment,
      epoch: optional(name),
      seq: count,
      stateHash: sha256,
      settingsVersion: optional(count),
    }),
    MAX_ENVIRONMENTS,
  ),
});

/** An instance's report on one release. */
export const receiptTask = defineTask({ queue: RECEIPTS_QUEUE, name: 'receipt', payload: receipt, alsoBare: true });

/** That an instance is alive, and where it stands. The next one comes within seconds, so one that fails or stalls is not kept. */
export const heartbeatTask = defineTask({
  queue: RECEIPTS_QUEUE,
  name: 'heartbeat',
  payload: heartbeat,
  alsoBare: true,
  transient: true,
});
