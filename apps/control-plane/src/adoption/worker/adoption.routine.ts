import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LOGGER, type Logger } from '../../process.js';
import { FailureLog } from '../../publishing/failure-log.js';
import { ReceiptWriter } from '../../publishing/receipts/receipt-writer.js';
import { PeriodicTask } from '../../publishing/periodic-task.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import { type Mapping, Mappings } from '../tables/mappings.js';
import { TableWatch } from '../watch/table-watch.js';
import { LEGACY_TABLE } from '../write-back/legacy-receipt.js';
import { WriteBack } from '../write-back/write-back.js';
import { LegacyTableDelivery } from './legacy-table-delivery.js';

const SECOND = 1_000;
/** Seconds between two looks at tables that are not mirrored. */
const LOOK_EVERY = { OBSERVE: 60, WRITE_BACK: 15 } as const;
const LEASE_MS = 20 * SECOND;

/**
 * The periodic work on adopted tables: scans each on its schedule, writes what a delivery left, and sends heartbeats.
 * Unreachable sources do not delay the others.
 */
@Injectable()
export class AdoptionRoutine implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly startedAt = new Date().toISOString();
  private readonly looking = new Map<string, Promise<void>>();
  private readonly outages = new Map<string, FailureLog>();
  private readonly routines: PeriodicTask[];

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly mappings: Mappings,
    private readonly tables: AdoptedTables,
    private readonly watch: TableWatch,
    private readonly writeBack: WriteBack,
    private readonly delivery: LegacyTableDelivery,
    private readonly receipts: ReceiptWriter,
  ) {
    this.routines = [
      new PeriodicTask(SECOND, new FailureLog(logger, 'looks at adopted tables'), () => this.look()),
      new PeriodicTask(2 * SECOND, new FailureLog(logger, 'write-back'), () => this.catchUp()),
      new PeriodicTask(3 * SECOND, new FailureLog(logger, 'heartbeats of written tables'), () => this.beat()),
    ];
  }

  onApplicationBootstrap(): void {
    for (const routine of this.routines) routine.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.routines.map((routine) => routine.stop()));
    await Promise.all(this.looking.values());
  }

  /** Starts the looks that are due; each goes its own way. */
  private async look(): Promise<void> {
    const live = await this.mappings.allLive();
    await this.tables.letGo(new Set(live.map(({ id }) => id)));
    for (const mapping of live) {
      if (this.looking.has(mapping.id) || !(await this.isDue(mapping))) continue;
      const looking = this.failures(`adoption/*/${mapping.key}`)
        .run(() => this.watch.look(mapping))
        .then(() => void this.looking.delete(mapping.id));
      this.looking.set(mapping.id, looking);
    }
  }

  private async isDue({ id, body }: Mapping): Promise<boolean> {
    const { scannedAt, mode } = await this.tables.follow(id, body, body.mode);
    if (mode === 'RETIRED') return false;
    const everySeconds =
      body.mirror?.everySeconds ?? (mode === 'WRITE_BACK' ? LOOK_EVERY.WRITE_BACK : LOOK_EVERY.OBSERVE);
    return scannedAt === null || Date.now() - scannedAt.getTime() >= everySeconds * SECOND;
  }

  /** Deliveries come by the queue; this is for those that failed, for rows that are due again, and for tables that are written from now on. */
  private async catchUp(): Promise<void> {
    const written = (await this.mappings.allLive()).filter(({ body }) => body.mode === 'WRITE_BACK');
    const environments = new Set(written.map(({ body }) => body.environment));
    for (const environment of environments)
      await this.failures(`write-back of ${environment}`).run(() => this.delivery.bringUp(environment));
  }

  private async beat(): Promise<void> {
    for (const mapping of await this.mappings.allLive()) {
      if (mapping.body.mode !== 'WRITE_BACK') continue;
      const position = await this.writeBack.position(mapping);
      await this.receipts.heartbeat({
        ...{ consumer: LEGACY_TABLE, instance: mapping.key, leaseMs: LEASE_MS, startedAt: this.startedAt },
        environments: [{ environment: mapping.body.environment, ...position }],
      });
    }
  }

  private failures(what: string): FailureLog {
    const known = this.outages.get(what) ?? new FailureLog(this.logger, what);
    this.outages.set(what, known);
    return known;
  }
}
