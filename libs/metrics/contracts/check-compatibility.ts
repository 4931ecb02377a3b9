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
  /** The violation concerns only undeclared fields: modes that compare declared fields alone ({@link PROMISES}) accept it. */
  undeclaredOnly: boolean;
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
): CompatibilityViolation[] {
  const { backward, forward } = PROMISES[mode];
  const against = isTransitive(mode) ? earlier : earlier.slice(-1);
  return against.flatMap(({ version, schema }) => [
    ...(backward ? between('BACKWARD', version, { reader: next.schema, writer: schema, content: backward }) : []),
    ...(forward ? between('FORWARD', version, { reader: schema, writer: next.schema, content: forward }) : []),
  ]);
}

/** Whether a mode compares every earlier version, and not only the last. */
export function isTransitive(mode: CompatibilityMode): boolean {
  return mode.endsWith('_TRANSITIVE');
}

/** What each mode compares, and whether the reader may declare what the writer leaves free. */
const PROMISES: Readonly<Record<CompatibilityMode, { backward?: OpenContent; forward?: OpenContent }>> = {
  NONE: {},
  BACKWARD: { backward: 'strict' },
  BACKWARD_TRANSITIVE: { backward: 'strict' },
  FORWARD: { forward: 'strict' },
  FORWARD_TRANSITIVE: { forward: 'strict' },
  FULL: { backward: 'strict', forward: 'strict' },
  FULL_TRANSITIVE: { backward: 'strict', forward: 'strict' },
  DECLARED_TRANSITIVE: { backward: 'lenient', forward: 'lenient' },
};

function between(
  direction: 'BACKWARD' | 'FORWARD',
  version: string,
  { reader, writer, content }: { reader: Schema; writer: Schema; content: OpenContent },
): CompatibilityViolation[] {
  const violations = readerViolations(reader, writer, content);
  const declared = new Set(
    violations.length > 0 && content === 'strict'
      ? readerViolations(reader, writer, 'lenient').map(({ field }) => field)
      : [],
  );
  return violations.map((violation) => ({
    ...violation,
    direction,
    version,
    undeclaredOnly: content === 'strict' && !declared.has(violation.field),
  }));
}
