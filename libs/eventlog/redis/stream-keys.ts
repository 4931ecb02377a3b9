import { redisAreas } from '@paddock/contracts';
import type { Topic } from '../topic.js';

/** Where a topic lies in Redis; the braces keep it in one slot of a cluster. */
export function streamKeys(prefix: string, topic: Topic) {
  const base = `${redisAreas(prefix).log}{${topic.name}}`;
  return {
    /** Stream: one entry per batch. */
    stream: (partition: number) => `${base}:${partition}`,
    /** Hash: `identity`, and per partition how many records and bytes it ever held. */
    meta: `${base}:meta`,
    /** String: a group's `GroupState` as JSON. */
    group: (group: string) => `${base}:group:${group}`,
    /** Hash: partition → acknowledged position. */
    acknowledged: (group: string) => `${base}:group:${group}:acknowledged`,
  };
}
