import type { DocumentRef } from './documents.js';
import type { StateHash } from './state-hash.js';

/** The one pointer per environment that says what is current. It only ever moves forward within its epoch. */
export interface Head {
  /** Names one history of an environment; changes only when the database was replaced, and then everything is read again. */
  epoch: string;
  seq: number;
  stateHash: StateHash;
  /** Version of the environment's settings artefact; counts up on its own, beside `seq`. */
  settingsVersion: number;
  settingsSha256: string;
}

export type ReleaseType = 'FORWARD' | 'ROLLBACK' | 'AUTO_ROLLBACK';

/** What one landed release did to one document. */
export interface ChangeItem extends DocumentRef {
  /** Name of the blob that is now live; `null` where the document was removed. */
  sha256: string | null;
  /** The number of the revision that is now live. Absent where the document was removed, and in records of versions before 2026-12. */
  revision?: number;
}

/** One landed release, as consumers read it. `stateHash` is the hash after it. */
export interface Change {
  seq: number;
  /** The hash before it: it may be applied to that state alone. Absent in records of versions before 2026-12. */
  previousStateHash?: StateHash;
  releaseId: string;
  type: ReleaseType;
  title: string;
  /** RFC 3339, UTC. */
  landedAt: string;
  items: ChangeItem[];
  stateHash: StateHash;
  requestId?: string;
  /** W3C Trace Context, so that a receipt joins the trace of its mutation. */
  traceparent?: string;
}

/** The settings that an edge needs besides documents. Published under their own version, never as part of a release. */
export interface EnvironmentSettings {
  environment: string;
  version: number;
  /** May layouts and the change stream be read without a client key? */
  anonymousReads: boolean;
  sites: SiteSettings[];
  clientKeys: ClientKeySettings[];
}

export interface SiteSettings {
  key: string;
  name: string;
  /** The jurisdiction that holds where no client key binds another. */
  jurisdiction: string;
  locale: string;
}

export const CLIENT_KEY_SCOPES = ['read', 'sync', 'receipts', 'events', 'proxy', 'traffic'] as const;
/**
 * `read`: layouts and the change stream; `sync`: manifest, blobs and change items; `receipts`: report what was applied;
 * `events`: send events to collectors, under the key's consumer as producer; `proxy`: read third parties through the proxy;
 * `traffic`: read traffic counts, and post access logs.
 */
export type ClientKeyScope = (typeof CLIENT_KEY_SCOPES)[number];

export interface ClientKeySettings {
  id: string;
  /** SHA-256 of the key; the key itself is shown once and stored nowhere. */
  sha256: string;
  /** Name under which its holder appears as a consumer. */
  consumer: string;
  /** Binds the holder to one site; `null` allows all of them. */
  site: string | null;
  /** Binds the holder to one jurisdiction; `null` leaves the site's. */
  jurisdiction: string | null;
  scopes: ClientKeyScope[];
}

/** Everything live, as `GET /v1/{environment}/manifest` answers it. */
export interface Manifest {
  environment: string;
  epoch: string;
  seq: number;
  stateHash: StateHash;
  documents: { kind: string; site: string; key: string; sha256: string }[];
}
