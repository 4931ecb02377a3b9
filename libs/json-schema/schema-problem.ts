/** As many objects within a schema as are compiled within some tens of milliseconds; one part for each field and list. */
export const MAX_SCHEMA_PARTS = 600;
const MAX_PATTERNS = 100;
const MAX_LEVELS = 30;

/** How much a schema holds. */
export interface SchemaSize {
  parts: number;
  patterns: number;
  levels: number;
}

/** Counts level by level and not by recursion, which is what deep schemas break. */
export function schemaSize(schema: unknown): SchemaSize {
  let [parts, patterns, levels] = [0, 0, 0];
  for (let level = [schema].filter(isNested); level.length > 0; levels += 1) {
    for (const value of level) {
      if (Array.isArray(value)) continue;
      parts += 1;
      if ('pattern' in value) patterns += 1;
      if ('patternProperties' in value && isNested(value.patternProperties))
        patterns += Object.keys(value.patternProperties).length;
    }
    level = level.flatMap((value) => Object.values(value).filter(isNested));
  }
  return { parts, patterns, levels };
}

/** Why a schema is not compiled: that takes a time for each of its parts, and more for each pattern. */
export function schemaProblem(schema: unknown): string | undefined {
  const { parts, patterns, levels } = schemaSize(schema);
  if (levels > MAX_LEVELS) return `is nested ${levels} levels deep, at most ${MAX_LEVELS} are allowed`;
  if (parts > MAX_SCHEMA_PARTS) return `has ${parts} parts, at most ${MAX_SCHEMA_PARTS} are allowed`;
  return patterns > MAX_PATTERNS ? `has ${patterns} patterns, at most ${MAX_PATTERNS} are allowed` : undefined;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
