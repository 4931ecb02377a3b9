/**
 * The keys of artefacts in Redis. `prefix` separates installations (and test workers); the braces keep an environment's
 * keys in one slot of a Redis cluster.
 */
export function artefactKeys(prefix: string, environment: string) {
  const base = `${prefix}:{${environment}}`;
  return {
    /** Hash: the fields of `Head`. */
    head: `${base}:head`,
    /** Hash: `formatRef(ref)` → SHA-256 of its live body. */
    live: `${base}:live`,
    /** Hash: seq → `Change` as JSON, the newest `CHANGES_KEPT`. */
    changes: `${base}:changes`,
    /** String: canonical JSON of a body; its SHA-256 is its name. */
    blob: (sha256: string) => `${base}:blob:${sha256}`,
    /** String: canonical JSON of `EnvironmentSettings`; its SHA-256 is its name. */
    settings: (sha256: string) => `${base}:settings:${sha256}`,
    /** Pub/sub channel: a JSON `Notice`. A hint only: notices may get lost. */
    notices: `${base}:notices`,
  };
}

/** Set of the environments that have artefacts. */
export function environmentsKey(prefix: string): string {
  return `${prefix}:environments`;
}

/** The message on `notices` after the head moved. */
export interface Notice {
  seq: number;
  settingsVersion: number;
}

/** How many landed releases an instance may be behind before it reads everything live instead. */
export const CHANGES_KEPT = 2_000;
