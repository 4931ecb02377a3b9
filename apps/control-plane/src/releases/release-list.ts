import type { SelectQueryBuilder } from 'typeorm';
import type { Actor } from '../access/actor.js';
import { readableWhere } from '../access/reading.js';
import type { Ordering } from '../graphql/lists/keyset.js';
import type { ReleaseRow, ReleaseState } from './release.entity.js';

/** Which releases a list has. Everything that is present must hold; of the values of a list, one of them. */
export interface ReleaseFilter {
  environment: string;
  states?: readonly ReleaseState[];
  /** Ids of those who made it. */
  authors?: readonly string[];
  /** Part of the title or the reason. */
  text?: string;
  /** The id of a document that it changes. */
  document?: string;
  /** Time of landing, or of creation where it has not landed: `from` inclusive, `to` exclusive. */
  from?: Date;
  to?: Date;
}

export const RELEASE_ORDER = {
  CREATED_AT: 'When it was made.',
  LANDED_AT: 'When it landed. Releases that have not landed count as the newest.',
  SCHEDULED_AT: 'When it will land by itself. Releases without a schedule count as the latest.',
  TITLE: 'The title, without regard to case.',
} as const;
export type ReleaseOrderField = keyof typeof RELEASE_ORDER;

/** Stands for a missing time. */
const LATEST = '9999-12-31 00:00:00.000';
const latest = new Date('9999-12-31T00:00:00.000Z');

export const RELEASE_ORDERING: Ordering<ReleaseRow, ReleaseOrderField> = {
  fields: {
    // Ids are made from the time.
    CREATED_AT: { sql: 'r.id', type: 'text', of: ({ id }) => id },
    LANDED_AT: { sql: `COALESCE(r.landedAt, '${LATEST}')`, type: 'time', of: ({ landedAt }) => landedAt ?? latest },
    SCHEDULED_AT: {
      sql: `COALESCE(r.scheduledAt, '${LATEST}')`,
      type: 'time',
      of: ({ scheduledAt }) => scheduledAt ?? latest,
    },
    TITLE: { sql: 'r.title', type: 'text', of: ({ title }) => title },
  },
  unique: { sql: 'r.id', type: 'text', of: ({ id }) => id },
  uniqueDirection: 'DESC',
  whenAbsent: [],
};

/** Adds the conditions of a filter to a query for releases, as `r`, that the actor may read. */
export function filteredReleases(
  query: SelectQueryBuilder<ReleaseRow>,
  { environment, states, authors, text, document, from, to }: ReleaseFilter,
  actor: Actor,
): SelectQueryBuilder<ReleaseRow> {
  query.andWhere('r.environment = :environment', { environment });
  if (states) query.andWhere(states.length > 0 ? 'r.state IN (:...states)' : '1 = 0', { states });
  if (authors) query.andWhere('r.authorId IN (:...authors)', { authors });
  if (text !== undefined)
    query.andWhere('(r.title LIKE :text OR r.reason LIKE :text)', { text: `%${text.replace(/[\\%_]/g, '\\$&')}%` });
  if (document !== undefined) {
    // A release is found only by a document that the actor may read there.
    const readable = readableWhere(actor, { kind: 'changed.kind', site: 'changed.site', environment: 'r.environment' });
    query.andWhere(
      `EXISTS (SELECT 1 FROM release_item change_of JOIN document changed ON changed.id = change_of.document_id
        WHERE change_of.release_id = r.id AND change_of.document_id = :document AND ${readable.sql})`,
      { document, ...readable.parameters },
    );
  }
  if (from) query.andWhere('COALESCE(r.landedAt, r.createdAt) >= :from', { from });
  if (to) query.andWhere('COALESCE(r.landedAt, r.createdAt) < :to', { to });
  return query;
}
