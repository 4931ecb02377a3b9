import {
  type Catalogue,
  compileDimension,
  type EventSchemaBody,
  fieldTypes,
  type Filter,
  type FilterValue,
  inputsOf,
  type MetricBody,
  MISSING_CELL,
  OTHER_CELL,
  type SimpleMetric,
} from '@paddock/metrics';

/** The condition on a dimension: one value, a missing value (`null`), or all but some values. */
export type DimensionPart = { name: string; value: string | null } | { name: string; others: readonly string[] };

/** The part of a metric that is compared; empty for the whole of it. */
export type Split = readonly DimensionPart[];

export const WHOLE: Split = [];

/** A split as it is stored: equal texts, equal splits. */
export function splitText(split: Split): string {
  return split.length === 0
    ? ''
    : JSON.stringify(
        split.map((part) =>
          'others' in part
            ? { name: part.name, others: [...part.others].sort() }
            : { name: part.name, value: part.value },
        ),
      );
}

/** @param text of {@link splitText} */
export function splitOf(text: string): Split {
  const parts: unknown = text === '' ? [] : JSON.parse(text);
  return Array.isArray(parts) ? parts.filter(isPart) : WHOLE;
}

function isPart(part: unknown): part is DimensionPart {
  return typeof part === 'object' && part !== null && 'name' in part && ('value' in part || 'others' in part);
}

/** The cells of a split in an answer that is split by its dimensions. */
export function cellsOf(split: Split): string[] {
  return split.map((part) => ('others' in part ? OTHER_CELL : part.value === null ? MISSING_CELL : `v${part.value}`));
}

/**
 * A simple metric over the events of one split: its own filter, and a condition on the field behind each dimension.
 * `undefined` where it has no such dimension, or a dimension whose type cannot be compared with a text.
 */
export function narrowedTo(metric: SimpleMetric, contract: EventSchemaBody, split: Split): SimpleMetric | undefined {
  if (split.length === 0) return metric;
  const types = fieldTypes(contract);
  const conditions: Filter[] = metric.filter ? [metric.filter] : [];
  for (const part of split) {
    const dimension = metric.dimensions?.find(({ name }) => name === part.name);
    if (!dimension) return undefined;
    const { field } = compileDimension(dimension, 0, types);
    const condition = conditionOf(field, part, types.get(field) ?? 'JSON');
    if (!condition) return undefined;
    conditions.push(condition);
  }
  return { ...metric, filter: { and: conditions } };
}

/** Whether every simple metric behind a metric can be narrowed to a value of a dimension. */
export function canBeHeld({ simple, ...body }: MetricBody, dimension: string, catalogue: Catalogue): boolean {
  const contract = simple && catalogue.event(simple.event);
  if (simple)
    return contract !== undefined && narrowedTo(simple, contract, [{ name: dimension, value: '0' }]) !== undefined;
  return inputsOf(body).every(({ input }) => {
    const target = catalogue.metric(input.metric);
    return target !== undefined && canBeHeld(target, dimension, catalogue);
  });
}

function conditionOf(field: string, part: DimensionPart, type: string): Filter | undefined {
  const absent: Filter = { not: { exists: { field } } };
  if ('others' in part) {
    const values = part.others.map((text) => typed(text, type));
    if (!values.every((value) => value !== undefined)) return undefined;
    return values.length === 0
      ? { or: [absent, { exists: { field } }] }
      : { or: [absent, { not: { in: { field, values } } }] };
  }
  if (part.value === null) return absent;
  const value = typed(part.value, type);
  return value === undefined ? undefined : { eq: { field, value } };
}

function typed(text: string, type: string): FilterValue | undefined {
  if (type === 'TEXT') return text;
  if (type === 'FLAG') return text === 'true';
  if (type === 'INTEGER' || type === 'NUMBER') return Number.isFinite(Number(text)) ? Number(text) : undefined;
  return undefined;
}
