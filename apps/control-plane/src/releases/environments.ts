import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Tx } from '../database/database.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { EnvironmentRow } from './release.entity.js';

/** An environment's row while this transaction holds its lock, and the database's clock. */
export interface LockedEnvironment {
  row: EnvironmentRow;
  now: Date;
}

@Injectable()
export class Environments {
  /** @throws ProblemError naming `field` when there is no such environment */
  async findOrThrow(manager: EntityManager, name: string, field = 'environment'): Promise<EnvironmentRow> {
    const row = await manager.findOneBy(EnvironmentRow, { name });
    if (row) return row;
    const known = (await manager.find(EnvironmentRow, { order: { name: 'ASC' } })).map(
      (environment) => environment.name,
    );
    const message = `there is no environment ${JSON.stringify(name.slice(0, 60))}; there are ${known.join(', ')}`;
    throw new ProblemError(new ValidationProblem([new FieldProblem(field, 'UNKNOWN_ENVIRONMENT', message)]));
  }

  /** Holds the environment until the transaction ends: landings in it happen one after the other. */
  async lock(tx: Tx, name: string): Promise<LockedEnvironment> {
    const row = await tx.findOneOrFail(EnvironmentRow, { where: { name }, lock: { mode: 'pessimistic_write' } });
    return { row, now: await databaseNow(tx) };
  }
}

/** The database's clock, in milliseconds: the one that all processes share. */
export async function databaseNow(manager: EntityManager): Promise<Date> {
  const rows: { now: Date }[] = await manager.query('SELECT UTC_TIMESTAMP(3) AS now');
  const now = rows[0]?.now;
  if (!now) throw new Error('the database returned no time');
  return now;
}
