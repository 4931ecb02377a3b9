import type { SchemaObject } from './normalise-schema.js';

/** Which versions must understand whose events: the words of Confluent's Schema Registry, and DECLARED_TRANSITIVE. */
export const COMPATIBILITY_MODES = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
  'DECLARED_TRANSITIVE',
] as const;
/**
 * BACKWARD: the new version reads events of the last one. FORWARD: the last version reads events of the new one.
 * FULL: both. TRANSITIVE: of every earlier version, not only the last. `reads` means that every value that is valid
 * there is valid here.
 * DECLARED_TRANSITIVE: as FULL_TRANSITIVE, for events that hold nothing but what their version declares. Optional fields
 * may come and go. With open schemas FULL lets none come or go, because where a version does not declare a field, its
 * events may hold anything under that name. It is the default.
 */
export type CompatibilityMode = (typeof COMPATIBILITY_MODES)[number];

export const DEFAULT_COMPATIBILITY: CompatibilityMode = 'DECLARED_TRANSITIVE';

/** The body of an event schema: the contract between those who send an event and those who count it. */
export interface EventSchemaBody {
  /** The event's name on the wire: `bet_placed`. */
  event: string;
  /**
   * The other names under which it is sent, in any script: `["Order Completed", "注文完了"]`. They are compared exactly,
   * in Unicode's form NFC. Where it is left out, two spellings of `event` stand here: "Bet Placed" and "betPlaced".
   */
  names?: string[];
  description?: string;
  /** Earlier versions stay readable: oldest first, each with its own schema. */
  versions: EventVersion[];
  compatibility?: CompatibilityMode;
  /** Names of the fields that identify and place an event. */
  fields: IdentifyingFields;
  time?: EventTimePolicy;
}

/** One released version of a contract. */
export interface EventVersion {
  /** SemVer, `2.1.0`. */
  version: string;
  /** JSON Schema 2020-12 of the event's own fields. */
  schema: SchemaObject;
  deprecated?: Deprecation;
}

export interface Deprecation {
  /** The date after which events of this version are refused, `2027-01-31`, UTC. */
  endsOn: string;
  reason?: string;
}

/** Paths of fields within the event, `order.id`. */
export interface IdentifyingFields {
  /** Unique per event of the contract. Of events with the same id that are received within the collector's window (24 hours by default), the first counts. */
  id: string;
  /** When it happened: an RFC 3339 date-time or milliseconds since 1970. */
  time: string;
  user?: string;
  /** The visitor before it is known who it is; an event that has a user as well links the two. */
  anonymous?: string;
  session?: string;
}

/** How event time is treated. Durations as text: `5m`, `72h`, `30d`. */
export interface EventTimePolicy {
  /** Events further ahead of the collector's clock are refused. Default `5m`. */
  maxFutureSkew?: string;
  /** How much events of a source come out of order; windows close this long after their end. Default `30s`. */
  outOfOrder?: string;
  /** A source that is silent for so long no longer holds back its windows. Default `1m`. */
  idleTimeout?: string;
  /** A window stays open to revision for so long after it closed, then it is final. Default `72h`. */
  allowedLateness?: string;
}
