import type { Dimension } from './definitions.js';

/** The fields behind the dimensions of a query; a name that the metric does not declare is a field itself. */
export function dimensionFields(names: readonly string[], declared: readonly Dimension[] = []): string[] {
  return names.map((name) => declared.find((dimension) => dimension.name === name)?.field ?? name);
}
