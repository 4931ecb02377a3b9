import { Injectable } from '@nestjs/common';
import { Audit, type Deed } from '../audit/audit.js';
import { Database, type Tx } from '../database/database.js';
import { Outbox } from '../publishing/outbox.js';
import { EnvironmentRow } from '../releases/release.entity.js';

/**
 * The way of a change of settings: like a landing, it counts up a version under the environment's lock and leaves outbox
 * rows and an audit row in the same transaction.
 */
@Injectable()
export class SettingsChanges {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
  ) {}

  /** Changes what concerns one environment. */
  async inEnvironment<T>(environment: string, change: (tx: Tx) => Promise<{ result: T; deed: Deed }>): Promise<T> {
    return this.announced([environment], change);
  }

  /** Changes what concerns all environments. */
  async everywhere<T>(change: (tx: Tx) => Promise<{ result: T; deed: Deed }>): Promise<T> {
    return this.announced(undefined, change);
  }

  /** Changes what no consumer reads: no new version, but an audit row. */
  async unannounced<T>(change: (tx: Tx) => Promise<{ result: T; deed: Deed }>): Promise<T> {
    return this.db.tx(async (tx) => {
      const { result, deed } = await change(tx);
      await this.audit.append(tx, deed);
      return result;
    });
  }

  private async announced<T>(
    environments: string[] | undefined,
    change: (tx: Tx) => Promise<{ result: T; deed: Deed }>,
  ): Promise<T> {
    const done = await this.db.tx(async (tx) => {
      const rows = await this.locked(tx, environments);
      const { result, deed } = await change(tx);
      for (const { name, settingsVersion } of rows) {
        const version = settingsVersion + 1;
        await tx.update(EnvironmentRow, { name }, { settingsVersion: version });
        await this.outbox.write(tx, { environment: name, topic: 'settings', version });
      }
      await this.audit.append(tx, deed);
      return result;
    });
    this.outbox.wake();
    return done;
  }

  /** Always in the order of names, so that two changes cannot wait for each other. */
  private locked(tx: Tx, names: string[] | undefined): Promise<EnvironmentRow[]> {
    const query = tx
      .createQueryBuilder(EnvironmentRow, 'environment')
      .setLock('pessimistic_write')
      .orderBy('environment.name');
    if (names) query.where('environment.name IN (:...names)', { names });
    return query.getMany();
  }
}
