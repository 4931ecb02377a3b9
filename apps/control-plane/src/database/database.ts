import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { inTransaction } from '@paddock/mysql';

/** A transaction's handle: what runs inside takes it as its first argument. */
export type Tx = EntityManager;

/** Reads and transactions on the truth. */
@Injectable()
export class Database {
  constructor(@Inject(DataSource) private readonly source: DataSource) {}

  /** For reads that need no transaction. */
  get manager(): EntityManager {
    return this.source.manager;
  }

  /** Reads that belong together: all of them see the database as it was at the first one. */
  snapshot<T>(read: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.source.transaction('REPEATABLE READ', read);
  }

  /** Runs `work` in one transaction, again where it lost a race: it must have no effect but on the database. */
  tx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return inTransaction(this.source, work);
  }
}
