import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { Access } from '../access/access.js';
import { ALL } from '../access/ability.js';
import type { Actor } from '../access/actor.js';
import { mayReadEnvironment } from '../access/reading.js';
import { Database } from '../database/database.js';
import { FieldProblem, NotFoundProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { Environments } from '../releases/environments.js';
import { FreezeWindowRow } from '../releases/release.entity.js';
import { SettingsChanges } from './settings-changes.js';

export interface NewFreezeWindow {
  environment: string;
  startsAt: Date;
  endsAt: Date;
  reason: string;
}

/** Times in which nothing lands but rollbacks. Plans read them; consumers do not. */
@Injectable()
export class FreezeWindows {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
    private readonly environments: Environments,
    private readonly changes: SettingsChanges,
  ) {}

  /** Those that are open or still to come, the next one first. */
  upcoming(environment: string): Promise<FreezeWindowRow[]> {
    return this.db.manager.find(FreezeWindowRow, {
      where: { environment, endsAt: MoreThan(new Date()) },
      order: { startsAt: 'ASC' },
    });
  }

  async create(actor: Actor, data: NewFreezeWindow): Promise<FreezeWindowRow> {
    this.authorize(actor, data.environment);
    await this.environments.findOrThrow(this.db.manager, data.environment);
    if (data.endsAt <= data.startsAt) {
      throw new ProblemError(
        new ValidationProblem([new FieldProblem('endsAt', 'OUT_OF_RANGE', 'must be after startsAt')]),
      );
    }
    const row = { id: uuidv7(), ...data };
    return this.changes.unannounced(async (tx) => {
      await tx.insert(FreezeWindowRow, row);
      const details = { ...data, startsAt: data.startsAt.toISOString(), endsAt: data.endsAt.toISOString() };
      return {
        result: row,
        deed: { actor, action: 'freeze-window.created', targetType: 'freeze-window', targetId: row.id, details },
      };
    });
  }

  async remove(actor: Actor, id: string): Promise<FreezeWindowRow> {
    const row = await this.db.manager.findOneBy(FreezeWindowRow, { id });
    if (!row || !mayReadEnvironment(actor, row.environment))
      throw new ProblemError(new NotFoundProblem(`id: there is no freeze window ${id}`));
    this.authorize(actor, row.environment);
    return this.changes.unannounced(async (tx) => {
      await tx.delete(FreezeWindowRow, { id });
      const details = { environment: row.environment, reason: row.reason };
      return {
        result: row,
        deed: { actor, action: 'freeze-window.removed', targetType: 'freeze-window', targetId: id, details },
      };
    });
  }

  private authorize(actor: Actor, environment: string): void {
    this.access.authorize(actor, 'settings:manage', { kind: ALL, environment, site: ALL });
  }
}
