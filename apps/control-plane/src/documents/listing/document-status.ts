import type { Actor } from '../../access/actor.js';
import { readableWhere } from '../../access/reading.js';

/** Statuses of a document in an environment, with their meanings, in the order of evaluation. */
export const DOCUMENT_STATUSES = {
  DRAFT: 'It has never been live in the environment.',
  REMOVED: 'It was live, and a release removed it.',
  CHANGED: 'It is live, and its draft has another body. A release would change it.',
  ENDED: 'It is live and unchanged, and its schedule is over.',
  SCHEDULED:
    'It is not live and a scheduled release will make it live; or it is live and unchanged, and its schedule has not begun.',
  HIDDEN: 'It is live and unchanged, and its audience contains no visitor: a percentage of 0.',
  LIVE: 'It is live and unchanged, and nothing hides it.',
} as const;
export type DocumentStatusName = keyof typeof DOCUMENT_STATUSES;

/** SQL with named parameters. */
export interface Sql {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Joins what a status is computed from: `state` is the draft's row, `live` the environment's, `due` the scheduled releases. */
export const STATUS_JOINS = {
  live: 'live.place = :environment AND live.document_id = state.document_id',
  /** The documents that scheduled releases will make live. */
  due: `SELECT DISTINCT due_item.document_id AS id FROM \`release\` due_release
    JOIN release_item due_item ON due_item.release_id = due_release.id AND due_item.op = 'PUT'
    WHERE due_release.environment = :environment AND due_release.state = 'SCHEDULED'`,
} as const;

/**
 * The status of a document in the environment `:environment` at `:now`; null where the reader may not read the document
 * there. Lists, counts and single documents all use it.
 */
export function statusSql(reader: Actor): Sql {
  return readableThere(
    reader,
    `CASE
      WHEN live.sha256 IS NULL AND due.id IS NOT NULL THEN 'SCHEDULED'
      WHEN live.document_id IS NULL THEN 'DRAFT'
      WHEN live.sha256 IS NULL THEN 'REMOVED'
      WHEN state.sha256 <> live.sha256 THEN 'CHANGED'
      WHEN live.ends_at <= :now THEN 'ENDED'
      WHEN live.starts_at > :now THEN 'SCHEDULED'
      WHEN live.unseen THEN 'HIDDEN'
      ELSE 'LIVE' END`,
  );
}

/** Whether the draft differs from the live body; true where the document is not live. Null where it may not be read. */
export function differsSql(reader: Actor): Sql {
  return readableThere(reader, `(live.sha256 IS NULL OR state.sha256 <> live.sha256)`);
}

/** Is the document one that the reader may read in the environment of the question? */
export function readableThereSql(reader: Actor): Sql {
  return readableWhere(reader, { kind: 'state.kind', site: 'state.site', environment: ':environment' });
}

function readableThere(reader: Actor, sql: string): Sql {
  const readable = readableThereSql(reader);
  if (readable.sql === '1 = 1') return { sql, parameters: {} };
  return { sql: `CASE WHEN ${readable.sql} THEN ${sql} END`, parameters: readable.parameters };
}
