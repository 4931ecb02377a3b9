import type { Schema } from './normalise-schema.js';
import type { OpenContent } from './object-rules.js';
import { readerViolations } from './reader-violations.js';
import type { CompatibilityMode } from './event-schema-body.js';
import type { Violation } from './violation.js';

/** A violation between two versions of a contract. */
export interface CompatibilityViolation extends Violation {
  /** `BACKWARD`: the new version cannot read the earlier one's events; `FORWARD`: the other way round. */
  direction: 'BACKWARD' | 'FORWARD';
  /** The earlier version that it breaks. */
  version: string;
}

export interface VersionedSchema {
  version: string;
  schema: Schema;
}

/**
 * Checks a new version against the earlier ones, oldest first. All violations are returned, each naming the field,
 * the direction and the version it breaks.
 */
export function checkCompatibility(
  next: VersionedSchema,
  earlier: readonly VersionedSchema[],
  mode: CompatibilityMode,
  content: OpenContent = 'lenient',
): CompatibilityViolation[] {
  const against = mode.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1);
  const backward = mode.startsWith('BACKWARD') || mode.startsWith('FULL');
  const forward = mode.startsWith('FORWARD') || mode.startsWith('FULL');
  return against.flatMap(({ version, schema }) => [
    ...(backward ? between('BACKWARD', version, readerViolations(next.schema, schema, content)) : []),
    ...(forward ? between('FORWARD', version, readerViolations(schema, next.schema, content)) : []),
  ]);
}

function between(direction: 'BACKWARD' | 'FORWARD', version: string, violations: readonly Violation[]): CompatibilityViolation[] {
  return violations.map((violation) => ({ ...violation, direction, version }));
}
