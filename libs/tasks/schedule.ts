import type { Task } from './define-task.js';
import { sealEnvelope } from './envelope.js';
import type { TaskProducer } from './producer.js';

/** A task that runs again and again, each time on one of the workers of its queue. */
export interface TaskSchedule<Payload> {
  /** Names the schedule within its queue; a schedule of the same id is the same one, in whichever process. */
  readonly id: string;
  readonly task: Task<Payload>;
  readonly payload: Payload;
  /** From one run to the next. */
  readonly everyMs: number;
}

/**
 * Makes sure that a schedule exists and has this interval. Calling it again changes nothing, so every worker may. It
 * should be called at the start and every minute or so: a Redis that lost its data has lost the schedule.
 * @throws InvalidPayload, QueueUnavailable, or what Redis says
 */
export async function ensureSchedule<Payload>(
  producer: TaskProducer,
  { id, task, payload, everyMs }: TaskSchedule<Payload>,
): Promise<void> {
  const data = sealEnvelope(task.parse(payload), {});
  const queue = producer.queue(task.queue);
  const existing = await queue.getJobScheduler(id);
  if (existing?.every === everyMs && existing.name === task.name) return;
  await queue.upsertJobScheduler(id, { every: everyMs }, { name: task.name, data, opts: { ...task.jobOptions } });
}

/** Ends a schedule that no longer exists in the code. A run that is under way is finished. */
export async function removeSchedule(producer: TaskProducer, queue: string, id: string): Promise<void> {
  await producer.queue(queue).removeJobScheduler(id);
}
