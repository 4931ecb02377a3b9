import { Injectable } from '@nestjs/common';
import { UnrecoverableError } from 'bullmq';
import { Database } from '../database/database.js';
import { ArtefactDelivery } from './artefacts/artefact-delivery.js';
import { ArtefactStore } from './artefacts/artefact-store.js';
import type { Delivery } from './delivery-task.js';
import { ARTEFACTS, type DeliveryTarget } from './delivery-targets.js';
import { ChangeNotifier } from './change-notifier.js';
import { PublishingMetrics } from './metrics.js';

/** The label of environments that were not delivered to yet, and may not exist. */
const OTHER = 'other';

/** Runs delivery jobs, and tells the outbox what arrived. */
@Injectable()
export class Deliveries {
  private readonly further = new Map<string, DeliveryTarget>();
  /** Environments that exist in MySQL. A job may name any text, and every label stays in memory. */
  private readonly known = new Set<string>();

  constructor(
    private readonly db: Database,
    private readonly artefacts: ArtefactDelivery,
    private readonly store: ArtefactStore,
    private readonly hints: ChangeNotifier,
    private readonly metrics: PublishingMetrics,
  ) {}

  /** From now on deliveries to this target are made here too. */
  add(target: DeliveryTarget): void {
    this.further.set(target.name, target);
  }

  async deliver({ environment, topic, target }: Delivery): Promise<void> {
    const further = this.further.get(target);
    if (target !== ARTEFACTS && !further) throw new UnrecoverableError(`there is no delivery target ${target}`);
    const stop = this.metrics.deliverySeconds.startTimer({ topic });
    try {
      const moved = further ? await this.to(further, environment) : await this.catchUp(environment);
      this.known.add(environment);
      this.metrics.deliveries.inc({ environment, topic, result: moved ? 'moved' : 'unchanged' });
    } catch (error) {
      this.metrics.deliveries.inc({
        environment: this.known.has(environment) ? environment : OTHER,
        topic,
        result: 'failed',
      });
      throw error;
    } finally {
      stop();
    }
  }

  /** Brings the artefacts up and tells the outbox. Returns whether that moved the head. */
  async catchUp(environment: string): Promise<boolean> {
    const { head, moved } = await this.artefacts.bringUp(environment);
    if (moved) await this.hints.publish({ environment, about: 'landed' });
    const acknowledged = await this.acknowledge(environment, ARTEFACTS, head.seq, head.settingsVersion);
    // The worker that moved the head may have died before its notice.
    if (acknowledged > 0 && !moved) await this.store.notify(environment, head);
    return moved;
  }

  private async to(target: DeliveryTarget, environment: string): Promise<boolean> {
    const seq = await target.bringUp(environment);
    // The target reads only releases, not settings.
    return (await this.acknowledge(environment, target.name, seq, Number.MAX_SAFE_INTEGER)) > 0;
  }

  /** Marks everything up to these versions as delivered; returns how many rows that were. */
  private async acknowledge(
    environment: string,
    target: string,
    seq: number,
    settingsVersion: number,
  ): Promise<number> {
    // Found without locks and marked by id: to lock the range of pending rows would hold up landings.
    const rows: { id: string }[] = await this.db.manager.query(
      `SELECT id FROM outbox WHERE delivered_at IS NULL AND environment = ? AND target = ?
         AND ((topic = 'release' AND version <= ?) OR (topic = 'settings' AND version <= ?))`,
      [environment, target, seq, settingsVersion],
    );
    if (rows.length === 0) return 0;
    await this.db.manager.query('UPDATE outbox SET delivered_at = UTC_TIMESTAMP(3) WHERE id IN (?)', [
      rows.map((row) => row.id),
    ]);
    return rows.length;
  }
}
