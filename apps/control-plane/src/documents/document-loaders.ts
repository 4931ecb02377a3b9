import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { Database } from '../database/database.js';
import { PerRequest } from '../graphql/request-scope.js';
import { LiveState } from '../releases/live-state.js';
import type { RevisionRow } from './document.entity.js';
import { Documents, pinKey } from './documents.js';

/** Batches what the fields of many documents ask for within one operation. */
@Injectable()
export class DocumentLoaders {
  constructor(
    private readonly documents: Documents,
    private readonly live: LiveState,
    private readonly db: Database,
  ) {}

  readonly byId = new PerRequest(
    () =>
      new DataLoader(async (ids: readonly string[]) => {
        const rows = await this.documents.byIds(ids);
        return ids.map((id) => rows.get(id));
      }),
  );

  readonly drafts = new PerRequest(
    () =>
      new DataLoader(async (ids: readonly string[]) => {
        const rows = await this.documents.drafts(ids);
        return ids.map((id) => rows.get(id));
      }),
  );

  readonly revisions = new PerRequest(
    () =>
      new DataLoader<{ documentId: string; revision: number }, RevisionRow | undefined, string>(
        async (pins) => {
          const rows = await this.documents.revisionsOf(pins);
          return pins.map((pin) => rows.get(pinKey(pin.documentId, pin.revision)));
        },
        { cacheKeyFn: (pin) => pinKey(pin.documentId, pin.revision) },
      ),
  );

  /** What is live, by environment and document id. */
  readonly liveIn = new PerRequest(() => {
    const byEnvironment = new Map<string, ReturnType<DocumentLoaders['liveLoader']>>();
    return (environment: string) => {
      const loader = byEnvironment.get(environment) ?? this.liveLoader(environment);
      byEnvironment.set(environment, loader);
      return loader;
    };
  });

  private liveLoader(environment: string) {
    return new DataLoader(async (ids: readonly string[]) => {
      const live = await this.live.of(this.db.manager, environment, ids);
      return ids.map((id) => live.get(id));
    });
  }
}
