import type { Topic } from '@paddock/eventlog';

/** Accepted and refused events on their way from collectors to the store. Kept for a week: as long as a store may be away. */
export const EVENTS_TOPIC: Topic = {
  name: 'analytics-events',
  partitions: 4,
  retention: { ms: 7 * 86_400_000, bytes: 8 * 2 ** 30 },
};

/** The consumer group of the process that owns the store. */
export const STORE_GROUP = 'analytics-store';
