import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { In } from 'typeorm';
import { Database } from '../database/database.js';
import { PerRequest } from '../graphql/request-scope.js';
import { ReleaseRow } from './release.entity.js';
import { Releases } from './releases.js';

/** Batches what the fields of many releases ask for within one operation. */
@Injectable()
export class ReleaseLoaders {
  constructor(
    private readonly db: Database,
    private readonly releases: Releases,
  ) {}

  readonly byId = new PerRequest(
    () =>
      new DataLoader(async (ids: readonly string[]) => {
        const rows = await this.db.manager.findBy(ReleaseRow, { id: In([...ids]) });
        const byId = new Map(rows.map((row) => [row.id, row]));
        return ids.map((id) => byId.get(id));
      }),
  );

  readonly items = new PerRequest(
    () =>
      new DataLoader(async (ids: readonly string[]) => {
        const rows = await this.releases.itemsOf(ids);
        return ids.map((id) => rows.filter((row) => row.releaseId === id));
      }),
  );
}
