import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { EMPTY_STATE } from '@paddock/contracts';
import { isDuplicateKey } from '@paddock/mysql';
import { Access } from '../access/access.js';
import { ALL, EVERYWHERE } from '../access/ability.js';
import type { Actor } from '../access/actor.js';
import { mayReadEnvironment } from '../access/reading.js';
import { Database } from '../database/database.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { Environments } from '../releases/environments.js';
import { EnvironmentRow } from '../releases/release.entity.js';
import { SettingsChanges } from './settings-changes.js';

/** Environments as administrators see them: what there is, and who may read from it. */
@Injectable()
export class EnvironmentPolicies {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
    private readonly environments: Environments,
    private readonly changes: SettingsChanges,
  ) {}

  /** Those of which the actor may read something. */
  async list(actor: Actor): Promise<EnvironmentRow[]> {
    const rows = await this.db.manager.find(EnvironmentRow, { order: { name: 'ASC' } });
    return rows.filter(({ name }) => mayReadEnvironment(actor, name));
  }

  /** A new environment begins empty, with an epoch of its own; its settings are published at once. */
  async create(
    actor: Actor,
    { name, anonymousReads }: { name: string; anonymousReads: boolean },
  ): Promise<EnvironmentRow> {
    this.access.authorize(actor, 'settings:manage', EVERYWHERE);
    await this.changes.unannounced(async (tx) => {
      const row = {
        name,
        epoch: uuidv7(),
        headSeq: 0,
        stateHash: EMPTY_STATE,
        settingsVersion: 0,
        anonymousReads,
        createdAt: new Date(),
      };
      try {
        await tx.insert(EnvironmentRow, row);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new ProblemError(
          new ValidationProblem([new FieldProblem('name', 'TAKEN', `there is an environment ${name} already`)]),
        );
      }
      const deed = {
        actor,
        action: 'environment.created',
        targetType: 'environment',
        targetId: name,
        details: { anonymousReads },
      };
      return { result: row, deed };
    });
    return this.setPolicy(actor, { name, anonymousReads });
  }

  async setPolicy(
    actor: Actor,
    { name, anonymousReads }: { name: string; anonymousReads: boolean },
  ): Promise<EnvironmentRow> {
    this.access.authorize(actor, 'settings:manage', { kind: ALL, environment: name, site: ALL });
    await this.environments.findOrThrow(this.db.manager, name);
    await this.changes.inEnvironment(name, async (tx) => {
      await tx.update(EnvironmentRow, { name }, { anonymousReads });
      const deed = {
        actor,
        action: 'environment.policy-set',
        targetType: 'environment',
        targetId: name,
        details: { anonymousReads },
      };
      return { result: undefined, deed };
    });
    return this.environments.findOrThrow(this.db.manager, name);
  }
}
