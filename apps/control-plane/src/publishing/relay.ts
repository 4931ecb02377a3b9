import { Injectable } from '@nestjs/common';
import { crashPoint } from '@paddock/runtime';
import { type NewJob, TaskProducer } from '@paddock/tasks';
import { Database } from '../database/database.js';
import { type Delivery, deliveryJobId, deliveryTask } from './delivery-task.js';

/** Rows that one pass takes; more follow in the next. */
const ROWS_PER_PASS = 500;
/** After so long without delivery, an enqueued row is enqueued again. */
const OVERDUE_SECONDS = 10;

/**
 * Turns outbox rows into jobs. A crash, or two relays at once, can at worst enqueue the same jobs again: their ids
 * absorb most repetitions, idempotent deliveries the others.
 */
@Injectable()
export class Relay {
  constructor(
    private readonly db: Database,
    private readonly producer: TaskProducer,
  ) {}

  /**
   * Enqueues the rows that were never enqueued. @returns the number of rows
   * @throws when MySQL or Redis is unreachable; the rows stay
   */
  async relayNew(): Promise<number> {
    const rows: OutboxColumns[] = await this.db.manager.query(
      `${SELECT_PENDING} AND enqueued_at IS NULL ORDER BY id LIMIT ?`,
      [ROWS_PER_PASS],
    );
    await this.enqueue(rows, rows);
    return rows.length;
  }

  /**
   * Enqueues again the rows that were enqueued and not delivered in time. A delivery brings its target up to the
   * newest state, so only the newest row of each environment, topic and target becomes a job.
   */
  async relayOverdue(): Promise<number> {
    const rows: OutboxColumns[] = await this.db.manager.query(
      `${SELECT_PENDING} AND enqueued_at < UTC_TIMESTAMP(3) - INTERVAL ? SECOND ORDER BY id`,
      [OVERDUE_SECONDS],
    );
    const newest = new Map(rows.map((row) => [`${row.environment} ${row.topic} ${row.target}`, row]));
    await this.enqueue([...newest.values()], rows);
    return rows.length;
  }

  private async enqueue(rows: readonly OutboxColumns[], done: readonly OutboxColumns[]): Promise<void> {
    if (rows.length === 0) return;
    crashPoint('relay:before-enqueue');
    await this.producer.addAll(deliveryTask, rows.map(toJob));
    crashPoint('relay:after-enqueue');
    // By id, so that no lock but theirs is taken: a range of pending rows would hold up landings.
    await this.db.manager.query('UPDATE outbox SET enqueued_at = UTC_TIMESTAMP(3) WHERE id IN (?)', [
      done.map((row) => row.id),
    ]);
  }
}

interface OutboxColumns extends Omit<Delivery, 'version'> {
  id: string;
  version: string;
  requestId: string;
  traceparent: string | null;
  enqueuedAt: Date | null;
}

const SELECT_PENDING = `
  SELECT id, environment, topic, version, target, request_id AS requestId, traceparent, enqueued_at AS enqueuedAt
  FROM outbox WHERE delivered_at IS NULL`;

function toJob({ id: _, enqueuedAt, requestId, traceparent, ...row }: OutboxColumns): NewJob<Delivery> {
  const payload = { ...row, version: Number(row.version) };
  const origin = { requestId, ...(traceparent === null ? {} : { traceparent }) };
  return { jobId: deliveryJobId(payload, enqueuedAt), payload, origin };
}
