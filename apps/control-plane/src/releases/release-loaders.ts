import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { readerOf } from '../access/reading.js';
import { PerRequest } from '../graphql/request-scope.js';
import { type ReadableItems, ReleaseReads } from './release-reads.js';

/** Batches the reads of the fields of many releases within one operation, limited to what its caller may read. */
@Injectable()
export class ReleaseLoaders {
  constructor(private readonly reads: ReleaseReads) {}

  /** Releases that the caller may read. */
  readonly byId = new PerRequest(
    (scope) =>
      new DataLoader(async (ids: readonly string[]) => {
        const rows = await this.reads.byIds(readerOf(scope), ids);
        return ids.map((id) => rows.get(id));
      }),
  );

  /** The items of releases that the caller may read. */
  readonly items = new PerRequest(
    (scope) =>
      new DataLoader(async (ids: readonly string[]): Promise<ReadableItems[]> => {
        const found = await this.reads.items(readerOf(scope), ids);
        return ids.map((id) => found.get(id) ?? { items: [], hidden: false });
      }),
  );
}
