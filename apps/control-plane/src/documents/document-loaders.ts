import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { mayRead, readableEnvironments, readerOf } from '../access/reading.js';
import { Database } from '../database/database.js';
import { PerRequest, type RequestScope } from '../graphql/request-scope.js';
import { LiveState } from '../releases/live-state.js';
import type { RevisionRow } from './document.entity.js';
import type { Document, Revision } from './document.object.js';
import { type DocumentUser, DocumentUses } from './document-uses.js';
import { Documents, pinKey } from './documents.js';
import { DocumentList, type DocumentStanding } from './listing/document-list.js';

/** Batches the reads of the fields of many documents within one operation. */
@Injectable()
export class DocumentLoaders {
  constructor(
    private readonly documents: Documents,
    private readonly live: LiveState,
    private readonly db: Database,
    private readonly lists: DocumentList,
    private readonly uses: DocumentUses,
  ) {}

  /** Documents that the caller may read; others are as absent as those that do not exist. */
  readonly byId = new PerRequest(
    (scope) =>
      new DataLoader(async (ids: readonly string[]) => {
        const rows = await this.documents.byIds(ids);
        return ids.map((id) => {
          const row = rows.get(id);
          return row && mayRead(readerOf(scope), row) ? row : undefined;
        });
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

  /**
   * Messages of revisions. A message is the title of the release that froze the revision; if the caller may not read
   * that release, the title of the first one that they may read.
   */
  readonly messages = new PerRequest(
    (scope) =>
      new DataLoader(async (revisions: readonly Revision[]) => {
        const found = new Map<string, string>();
        const environmentsOf = (revision: Revision) => readableEnvironments(readerOf(scope), revision);
        for (const [key, some] of Map.groupBy(revisions, (revision) => environmentsOf(revision)?.join() ?? '')) {
          if (key === '') continue;
          const pins = some.map(({ documentId, number }) => ({ documentId, revision: number }));
          for (const [pin, title] of await this.documents.messages(pins, key.split(','))) found.set(pin, title);
        }
        return revisions.map((revision) => {
          if (environmentsOf(revision) === undefined) return revision.message;
          return found.get(pinKey(revision.documentId, revision.number)) ?? '';
        });
      }),
  );

  /** Live revisions, by environment and document id. */
  readonly liveIn = new PerRequest(() => {
    const byEnvironment = new Map<string, ReturnType<DocumentLoaders['liveLoader']>>();
    return (environment: string) => {
      const loader = byEnvironment.get(environment) ?? this.liveLoader(environment);
      byEnvironment.set(environment, loader);
      return loader;
    };
  });

  /** Statuses of documents in an environment, as far as the caller may read them there. */
  readonly standingIn = new PerRequest((scope) => {
    const byEnvironment = new Map<string, DataLoader<string, DocumentStanding | undefined>>();
    return (environment: string) => {
      const loader = byEnvironment.get(environment) ?? this.standingLoader(scope, environment);
      byEnvironment.set(environment, loader);
      return loader;
    };
  });

  /** Which documents use others, of those that the caller may read. */
  readonly users = new PerRequest(
    (scope) =>
      new DataLoader<Document, DocumentUser[], string>(
        async (documents) => {
          const found = await this.uses.of(readerOf(scope), documents);
          return documents.map(({ id }) => found.get(id) ?? []);
        },
        { cacheKeyFn: ({ id }) => id },
      ),
  );

  private standingLoader(scope: RequestScope, environment: string) {
    return new DataLoader(async (ids: readonly string[]) => {
      const found = await this.lists.standings(readerOf(scope), environment, ids);
      return ids.map((id) => found.get(id));
    });
  }

  private liveLoader(environment: string) {
    return new DataLoader(async (ids: readonly string[]) => {
      const live = await this.live.of(this.db.manager, environment, ids);
      return ids.map((id) => live.get(id));
    });
  }
}
