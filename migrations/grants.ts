import type { DatabaseUser } from '@paddock/processes';

type Right = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | `SELECT (${string})`;

const READ = ['SELECT'] as const;
/** For what is written once: no one can change or remove it afterwards. */
const APPEND = ['SELECT', 'INSERT'] as const;
const CHANGE = ['SELECT', 'INSERT', 'UPDATE'] as const;
const REPLACE = ['SELECT', 'INSERT', 'DELETE'] as const;
const EVERYTHING = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;

/**
 * What the database user of each process may do with each table, and nothing else: no process may create, change or drop
 * a table. A migration that makes a table adds its row here; a test compares the rows with the tables.
 *
 * The audit log can be read and appended to, and no user of a process can change or remove an entry of it. Revisions,
 * what they refer to, and idempotency keys are written once as well. No password hash can be read but by the control
 * plane, which signs people in.
 */
export const TABLE_GRANTS: Readonly<Record<string, Readonly<Partial<Record<DatabaseUser, readonly Right[]>>>>> = {
  user: { controlPlane: CHANGE, worker: ['SELECT (`id`, `email`, `active`)'] },
  access_grant: { controlPlane: REPLACE, worker: READ },
  session: { controlPlane: EVERYTHING },
  api_token: { controlPlane: CHANGE, worker: READ },
  client_key: { controlPlane: CHANGE, worker: READ },

  audit_entry: { controlPlane: APPEND, worker: APPEND, cli: READ },
  audit_head: { controlPlane: READ, worker: APPEND, cli: READ },
  audit_chain: { controlPlane: ['SELECT', 'UPDATE'], worker: ['SELECT', 'UPDATE'], cli: READ },

  site: { controlPlane: CHANGE, worker: READ },
  environment: { controlPlane: CHANGE, worker: ['SELECT', 'UPDATE'] },
  freeze_window: { controlPlane: REPLACE, worker: READ },
  document: { controlPlane: CHANGE, worker: CHANGE },
  draft: { controlPlane: CHANGE, worker: CHANGE },
  document_content: { controlPlane: REPLACE, worker: REPLACE },
  document_term: { controlPlane: REPLACE, worker: REPLACE },
  document_state: { controlPlane: CHANGE, worker: CHANGE },
  revision: { controlPlane: APPEND, worker: APPEND },
  revision_reference: { controlPlane: APPEND, worker: APPEND },
  release: { controlPlane: CHANGE, worker: CHANGE },
  // The control plane takes items out of releases that have not landed.
  release_item: { controlPlane: EVERYTHING, worker: CHANGE },
  idempotency_key: { controlPlane: APPEND, worker: APPEND },

  outbox: { controlPlane: CHANGE, worker: EVERYTHING },
  consumer_instance: { controlPlane: READ, worker: EVERYTHING },
  receipt: { controlPlane: READ, worker: EVERYTHING },

  adoption_source: { controlPlane: EVERYTHING, worker: READ },
  adopted_table: { controlPlane: CHANGE, worker: CHANGE },
  adopted_row: { controlPlane: CHANGE, worker: CHANGE },
  gathered_document: { controlPlane: CHANGE, worker: CHANGE },
  row_write: { controlPlane: EVERYTHING, worker: EVERYTHING },
  row_image: { controlPlane: CHANGE, worker: CHANGE },
  row_dependents: { controlPlane: EVERYTHING, worker: EVERYTHING },
  drift_event: { controlPlane: CHANGE, worker: CHANGE },
  adoption_day: { controlPlane: CHANGE, worker: CHANGE },
  adoption_run: { controlPlane: CHANGE, worker: CHANGE },

  odds_shard: { odds: CHANGE },
  odds_market: { odds: CHANGE },
  odds_settlement: { odds: CHANGE },
  odds_result: { odds: REPLACE },
  odds_price: { odds: EVERYTHING },
  odds_migrations: { odds: READ },

  // Which migrations ran concerns the step that runs them alone.
  migrations: {},
};
