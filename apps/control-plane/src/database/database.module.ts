import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { HEALTH, type Health } from '../process.js';
import { type ControlPlaneSettings, SETTINGS } from '../settings.js';
import { createDataSource } from './data-source.js';
import { Database } from './database.js';

/** MySQL or MariaDB. Runs no migrations: that is an operator's decision. */
@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      inject: [SETTINGS],
      useFactory: ({ database }: ControlPlaneSettings) => createDataSource(database.url, database).initialize(),
    },
    Database,
  ],
  exports: [Database],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    private readonly source: DataSource,
    @Inject(HEALTH) health: Health,
  ) {
    health.register('database', async () => {
      await source.query('SELECT 1');
      return { ok: true };
    });
  }

  /** After everything that uses it has stopped. */
  async onApplicationShutdown(): Promise<void> {
    await this.source.destroy();
  }
}
