import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { requestContext, traceparentOf } from '@paddock/runtime';
import type { Tx } from '../database/database.js';
import { DELIVERY_TARGETS } from './delivery-targets.js';
import { OutboxRow } from './publishing.entity.js';

/** A message for every delivery target: a landed release by its seq, or new environment settings by their version. */
export interface OutboxMessage {
  environment: string;
  topic: 'release' | 'settings';
  version: number;
}

/** A delivery target that not every message concerns. */
export interface ConcernedTarget {
  readonly name: string;
  /** Asked within the transaction that writes the message. */
  isConcerned(tx: Tx, message: OutboxMessage): Promise<boolean>;
}

/**
 * Stores the messages of a transaction: the rows commit or roll back together with their change, so every committed
 * change is delivered, and no other.
 */
@Injectable()
export class Outbox {
  private readonly listeners = new Set<() => void>();
  private readonly concerned: ConcernedTarget[] = [];
  private waking = false;

  constructor(@Inject(DELIVERY_TARGETS) private readonly targets: readonly string[]) {}

  /** From now on messages that concern this target get a row for it as well. */
  registerTarget(target: ConcernedTarget): void {
    this.concerned.push(target);
  }

  /** Writes one row per delivery target within the caller's transaction. */
  async write(tx: Tx, message: OutboxMessage): Promise<void> {
    const requestId = requestContext()?.requestId ?? uuidv7();
    const concerned = await Promise.all(
      this.concerned.map(async (target) => ((await target.isConcerned(tx, message)) ? [target.name] : [])),
    );
    const rows = [...this.targets, ...concerned.flat()].map((target) => ({
      ...message,
      target,
      requestId,
      traceparent: traceparentOf() ?? null,
      // The database's clock: relays on other machines compare with it.
      createdAt: () => 'UTC_TIMESTAMP(3)',
    }));
    await tx.createQueryBuilder().insert().into(OutboxRow).values(rows).updateEntity(false).execute();
  }

  /**
   * To be called after the commit: it starts the relay at once. Calls within one tick are one wake-up; a lost wake-up
   * costs a second, not the delivery.
   */
  wake(): void {
    if (this.waking) return;
    this.waking = true;
    queueMicrotask(() => {
      this.waking = false;
      for (const listener of this.listeners) listener();
    });
  }

  /** Calls back after each wake-up; returns what ends that. */
  onWake(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
