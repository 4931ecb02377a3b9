import { Test, type TestingModule } from '@nestjs/testing';
import { createLogger } from '@paddock/runtime';
import { DatabaseModule } from '../../database/database.module.js';
import { KindsModule } from '../../kinds/kinds.module.js';
import { ProcessModule } from '../../process.module.js';
import { DeliveryModule } from '../../publishing/delivery.module.js';
import { ReceiptWriter } from '../../publishing/receipts/receipt-writer.js';
import { RedisModule } from '../../publishing/redis.js';
import { ReleasesModule } from '../../releases/releases.module.js';
import { type ControlPlaneSettings, SETTINGS } from '../../settings.js';
import type { World } from '../../testing/world.js';
import { AdoptionModule } from '../adoption.module.js';
import { type Mapping, Mappings } from '../tables/mappings.js';
import { TableWatch } from '../watch/table-watch.js';
import { LegacyTableDelivery } from '../worker/legacy-table-delivery.js';
import { LEGACY_TABLE } from '../write-back/legacy-receipt.js';
import { WriteBack } from '../write-back/write-back.js';

const ENVIRONMENT = 'production';

/** The worker's side of adopted tables on the database of a world; a test says when it does what. */
export class TableWorker {
  private startedAt = new Date();

  private constructor(
    private readonly world: World,
    private module: TestingModule,
  ) {}

  static async of(world: World): Promise<TableWorker> {
    return new TableWorker(world, await build(world));
  }

  /** As after a crash: nothing that was in memory is left. */
  async restart(): Promise<void> {
    await this.module.close();
    this.module = await build(this.world);
    this.startedAt = new Date();
  }

  /** What a delivery and the routine do: writes what landed and what is due, and stores the receipts. */
  async deliver(): Promise<void> {
    await this.module.get(LegacyTableDelivery, { strict: false }).bringUp(ENVIRONMENT);
    await this.beat();
  }

  /** The same, but the process dies when the rows are written and no receipt is stored. */
  async dieBeforeReceipts(): Promise<void> {
    await this.module
      .get(WriteBack, { strict: false })
      .bringUp(ENVIRONMENT, () => Promise.reject(new Error('killed')))
      .catch((error: unknown) => {
        if (!(error instanceof Error) || error.message !== 'killed') throw error;
      });
    await this.restart();
  }

  /** Looks at every table once. */
  async look(): Promise<void> {
    for (const mapping of await this.mappings()) await this.module.get(TableWatch, { strict: false }).look(mapping);
  }

  /** The heartbeat of every written table. */
  async beat(): Promise<void> {
    const writeBack = this.module.get(WriteBack, { strict: false });
    for (const mapping of await this.mappings()) {
      if (mapping.body.mode !== 'WRITE_BACK') continue;
      await this.module.get(ReceiptWriter, { strict: false }).heartbeat({
        ...{ consumer: LEGACY_TABLE, instance: mapping.key, leaseMs: 20_000, startedAt: this.startedAt.toISOString() },
        environments: [{ environment: ENVIRONMENT, ...(await writeBack.position(mapping)) }],
      });
    }
  }

  async close(): Promise<void> {
    await this.module.close();
  }

  private mappings(): Promise<Mapping[]> {
    return this.module.get(Mappings, { strict: false }).allLive();
  }
}

async function build(world: World): Promise<TestingModule> {
  const own: ControlPlaneSettings = world.app.get(SETTINGS, { strict: false });
  const settings = { ...own, database: { ...own.database, url: new URL(world.databaseUrlOf('worker')) } };
  const module = await Test.createTestingModule({
    imports: [
      ProcessModule.of('worker', settings, createLogger('worker', 'silent')),
      DatabaseModule,
      KindsModule,
      RedisModule,
      DeliveryModule,
      ReleasesModule,
      AdoptionModule,
    ],
    providers: [LegacyTableDelivery],
  }).compile();
  return module.init();
}
