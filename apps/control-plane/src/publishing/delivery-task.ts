import { QUEUES } from '#contracts';
import { defineTask } from '#tasks';
import type { OutboxRow } from './publishing.entity.js';

/** What one delivery is about; the bodies stay in MySQL. */
export interface Delivery {
  environment: string;
  topic: OutboxRow['topic'];
  version: number;
  target: string;
  requestId: string;
  traceparent: string | null;
}

export const DELIVERIES_QUEUE = QUEUES.deliveries;

/** Brings a delivery target up to a release or to settings. Deliveries may come twice, late and out of order. */
export const deliveryTask = defineTask<Delivery>({ queue: DELIVERIES_QUEUE, name: 'deliver', parse: parseDelivery });

function parseDelivery(payload: unknown): Delivery {
  if (typeof payload !== 'object' || payload === null) throw new Error('a delivery must be an object');
  const { environment, topic, version, target, requestId, traceparent } = payload as Partial<
    Record<keyof Delivery, unknown>
  >;
  if (typeof environment !== 'string' || environment === '') throw new Error('environment must be a name');
  if (topic !== 'release' && topic !== 'settings') throw new Error('topic must be release or settings');
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 0)
    throw new Error('version must be a whole number');
  if (typeof target !== 'string' || target === '') throw new Error('target must be a name');
  if (typeof requestId !== 'string') throw new Error('requestId must be a text');
  return {
    environment,
    topic,
    version,
    target,
    requestId,
    traceparent: typeof traceparent === 'string' ? traceparent : null,
  };
}

/**
 * One job per message and target. What was enqueued before without effect (Redis was flushed, the job failed) gets a
 * new id from the time of that attempt, because BullMQ ignores the id of a job that failed; two relays at once choose
 * the same one.
 */
export function deliveryJobId({ environment, topic, version, target }: Delivery, enqueuedBefore: Date | null): string {
  const id = `${environment}-${topic}-${version}-${target}`;
  return enqueuedBefore ? `${id}-again-${enqueuedBefore.getTime()}` : id;
}
