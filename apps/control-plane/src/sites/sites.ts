import { Injectable } from '@nestjs/common';
import { isDuplicateKey } from '@paddock/mysql';
import { Access } from '../access/access.js';
import { ALL } from '../access/ability.js';
import type { Actor } from '../access/actor.js';
import { mayReadSite } from '../access/reading.js';
import { Database, type Tx } from '../database/database.js';
import { FieldProblem, NotFoundProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { SettingsChanges } from './settings-changes.js';
import { SiteRow } from './site.entity.js';

export interface SiteData {
  key: string;
  name: string;
  jurisdiction: string;
  locale: string;
}

/** The storefronts. A site is the same in every environment. */
@Injectable()
export class Sites {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
    private readonly changes: SettingsChanges,
  ) {}

  /** Those of which the actor may read something. */
  async list(actor: Actor): Promise<SiteRow[]> {
    const rows = await this.db.manager.find(SiteRow, { order: { key: 'ASC' } });
    return rows.filter(({ key }) => mayReadSite(actor, key));
  }

  async create(actor: Actor, data: SiteData): Promise<SiteRow> {
    this.authorize(actor, data.key);
    return this.changes.everywhere(async (tx) => {
      const row = { ...data, createdAt: new Date() };
      try {
        await tx.insert(SiteRow, row);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new ProblemError(
          new ValidationProblem([new FieldProblem('key', 'TAKEN', `there is a site ${data.key} already`)]),
        );
      }
      return {
        result: row,
        deed: { actor, action: 'site.created', targetType: 'site', targetId: data.key, details: data },
      };
    });
  }

  async update(actor: Actor, { key, ...data }: SiteData): Promise<SiteRow> {
    this.authorize(actor, key);
    return this.changes.everywhere(async (tx) => {
      await this.findOrThrow(tx, key);
      await tx.update(SiteRow, { key }, data);
      const result = await this.findOrThrow(tx, key);
      return { result, deed: { actor, action: 'site.updated', targetType: 'site', targetId: key, details: data } };
    });
  }

  private authorize(actor: Actor, site: string): void {
    this.access.authorize(actor, 'settings:manage', { kind: ALL, environment: ALL, site });
  }

  private async findOrThrow(tx: Tx, key: string): Promise<SiteRow> {
    const row = await tx.findOneBy(SiteRow, { key });
    if (!row) throw new ProblemError(new NotFoundProblem(`key: there is no site ${key}`));
    return row;
  }
}
