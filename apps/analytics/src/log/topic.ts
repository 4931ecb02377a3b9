import type { Topic } from '@paddock/eventlog';

/**
 * Accepted and refused events on their way from collectors to the store. Kept for a week, the longest time that a store
 * may be down.
 */
export const EVENTS_TOPIC: Topic = {
  name: 'analytics-events',
  partitions: 4,
  retention: { ms: 7 * 86_400_000, bytes: 8 * 2 ** 30 },
};

/** The consumer group of the process that owns the store. */
export const STORE_GROUP = 'analytics-store';
