import { counter, oneOf, QUEUES } from '@paddock/contracts';
import { boundedText, defineTask, object } from '@paddock/tasks';
import type { OutboxRow } from './publishing.entity.js';

/** The subject of one delivery; the bodies stay in MySQL, and the envelope names the origin. */
export interface Delivery {
  environment: string;
  topic: OutboxRow['topic'];
  version: number;
  target: string;
}

export const DELIVERIES_QUEUE = QUEUES.deliveries;

/** A complete rebuild of a large environment takes minutes. */
const TIMEOUT_MS = 10 * 60_000;

/** Brings a delivery target up to a release or to settings. Deliveries may come twice, late and out of order. */
export const deliveryTask = defineTask<Delivery>({
  queue: DELIVERIES_QUEUE,
  name: 'deliver',
  payload: object({
    environment: boundedText(100),
    topic: oneOf(['release', 'settings']),
    version: counter,
    target: boundedText(100),
  }),
  alsoBare: true,
  timeoutMs: TIMEOUT_MS,
});

/**
 * One job per message and target. A message that was enqueued without effect (Redis was flushed, the job failed) gets
 * a new id from the time of that attempt, because BullMQ ignores the id of a failed job; two concurrent relays choose
 * the same id.
 */
export function deliveryJobId({ environment, topic, version, target }: Delivery, enqueuedBefore: Date | null): string {
  const id = `${environment}-${topic}-${version}-${target}`;
  return enqueuedBefore ? `${id}-again-${enqueuedBefore.getTime()}` : id;
}
