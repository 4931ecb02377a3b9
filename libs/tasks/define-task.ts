import type { JobsOptions } from 'bullmq';
import { type Reader, ShapeError } from '@paddock/contracts';
import { InvalidPayload } from './payload.js';

/** The definition of a task. Everything but its names and its payload has a default. */
export interface TaskDefinition<Payload> {
  /** The queue that its jobs travel through. */
  readonly queue: string;
  /** Unique within the queue; also the name of its spans and the label of its metrics. */
  readonly name: string;
  /** Reads and checks a payload: the one description from which type and check follow. */
  readonly payload: Reader<Payload>;
  /**
   * The members of its payload stand beside its envelope as well. For tasks that are older than envelopes: while an
   * installation is upgraded, or taken back, workers that know no envelopes read their jobs.
   */
  readonly alsoBare?: true;
  /** The next job replaces this one: it is not retried, and not kept where it fails. */
  readonly transient?: true;
  /** How often a job is tried, the first time included. Default 5. */
  readonly attempts?: number;
  /** The delay before the second attempt; it doubles with each further one. Default 200. */
  readonly backoffMs?: number;
  /** After so long a run is aborted and counts as failed. Default 60,000. */
  readonly timeoutMs?: number;
  /** How long, and how many, jobs that failed for good are kept for an operator. Default 7 days and 1,000. */
  readonly keepFailed?: { readonly seconds: number; readonly count: number };
}

/**
 * A kind of work that travels through BullMQ. Both ends check its payload, so a job of an older or newer release is
 * refused with a reason instead of half understood.
 */
export interface Task<Payload> {
  readonly queue: string;
  readonly name: string;
  readonly alsoBare: boolean;
  readonly timeoutMs: number;
  /** How BullMQ retries and keeps its jobs. */
  readonly jobOptions: JobsOptions;
  /** @throws InvalidPayload with every mistake */
  readonly parse: (payload: unknown) => Payload;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const WEEK_SECONDS = 7 * 24 * 3_600;

/** Defines a task from the description of its payload. */
export function defineTask<Payload>(definition: TaskDefinition<Payload>): Task<Payload> {
  const { queue, name, payload, alsoBare = false, timeoutMs = DEFAULT_TIMEOUT_MS } = definition;
  return {
    queue,
    name,
    alsoBare,
    timeoutMs,
    jobOptions: jobOptions(definition),
    parse: (value) => readWhole(name, payload, value),
  };
}

function jobOptions({
  transient,
  attempts = 5,
  backoffMs = 200,
  keepFailed = { seconds: WEEK_SECONDS, count: 1_000 },
}: Pick<TaskDefinition<unknown>, 'transient' | 'attempts' | 'backoffMs' | 'keepFailed'>): JobsOptions {
  if (transient) return { attempts: 1, removeOnComplete: true, removeOnFail: true };
  return {
    attempts,
    backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
    // A kept job would block a later one with its id; what happened stands in MySQL.
    removeOnComplete: true,
    removeOnFail: { age: keepFailed.seconds, count: keepFailed.count },
  };
}

function readWhole<Payload>(name: string, read: Reader<Payload>, value: unknown): Payload {
  try {
    return read(value, '');
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    // A mistake of the whole payload names the task: `receipt must be an object`.
    throw new InvalidPayload([error.path === '' ? new ShapeError(name, error.expected) : error]);
  }
}
