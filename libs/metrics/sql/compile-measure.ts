import type { FieldType } from '../contracts/event-fields.js';
import { type Expression, parseExpression } from '../grammar/expression.js';
import type { SimpleMetric } from '../grammar/metric-body.js';
import { columnOf, columnType, decimalLiteral, decimalScale, NUMBER_SCALE, valueOf } from './literals.js';

/**
 * A mergeable part of an aggregation: computed once per window and group from raw events, kept, and merged over any
 * number of windows. Distinct counts and percentiles keep their state, since results of them do not add up.
 */
export interface StatePart {
  name: string;
  /** Its ClickHouse type in a rollup. */
  type: string;
  /** Its expression over raw events. */
  compute: string;
  /** Merges many of the same type, found in a column, into one of that type. */
  merge: (column: string) => string;
  /** The expression that reads a merged part. */
  read: (column: string) => string;
  /** Expressions for queries without a later merge: over raw events, and over many parts in a column. They avoid the cost of a state. */
  direct?: { compute: string; merge: (column: string) => string };
}

/** How a metric's value is computed from the results of its parts. */
export type Finish = 'count' | 'sum' | 'average' | 'extreme' | 'distinct' | 'percentile';

export interface Measure {
  parts: StatePart[];
  finish: Finish;
}

/** Compiles the aggregation of a simple metric. */
export function compileMeasure(
  metric: Pick<SimpleMetric, 'agg' | 'expr' | 'percentile' | 'accuracy'>,
  types: ReadonlyMap<string, FieldType>,
): Measure {
  if (metric.agg === 'count') return { finish: 'count', parts: [sumPart('n', 'count()', 'UInt64')] };
  const value = compileExpression(metric.expr ?? '', types);
  const counted = sumPart('c', `count(${value.sql})`, 'UInt64');
  switch (metric.agg) {
    case 'sum':
      return { finish: 'sum', parts: [counted, sumOf(value)] };
    case 'average':
      return { finish: 'average', parts: [counted, sumOf(value)] };
    case 'min':
    case 'max':
      return { finish: 'extreme', parts: [counted, extremeOf(metric.agg, value)] };
    case 'count_distinct':
      return { finish: 'distinct', parts: [distinctOf(value, metric.accuracy ?? 'exact')] };
    case 'percentile':
      return { finish: 'percentile', parts: [counted, percentileOf(value, metric.percentile ?? 0.5)] };
  }
}

function sumPart(name: string, compute: string, type: string): StatePart {
  return { name, type, compute, merge: (column) => `sum(${column})`, read: (column) => column };
}

/** Sums are kept with as many digits as can never overflow: 38, or 76 where fields are multiplied. */
function sumOf(value: CompiledExpression): StatePart {
  const type = value.exact ? `Decimal(76, ${value.scale})` : `Decimal(38, ${value.scale})`;
  return {
    name: 's',
    type,
    compute: `CAST(ifNull(sum(${value.sql}), 0) AS ${type})`,
    merge: (column) => `CAST(sum(${column}) AS ${type})`,
    read: (column) => `toString(${column})`,
  };
}

function extremeOf(agg: 'min' | 'max', value: CompiledExpression): StatePart {
  const type = `Nullable(${value.exact ? 'Decimal(76, ' : 'Decimal(38, '}${value.scale}))`;
  return {
    name: 'm',
    type,
    compute: `CAST(${agg}(${value.sql}) AS ${type})`,
    merge: (column) => `${agg}(${column})`,
    read: (column) => `toString(${column})`,
  };
}

function distinctOf(value: CompiledExpression, accuracy: 'exact' | 'approximate'): StatePart {
  const name = accuracy === 'exact' ? 'uniqExact' : 'uniqCombined64';
  const parameters = accuracy === 'exact' ? '' : '(14)';
  return {
    name: 'u',
    type: `AggregateFunction(${name}${parameters}, ${value.type})`,
    compute: `${name}State${parameters}(${value.sql})`,
    merge: (column) => `${name}MergeState${parameters}(${column})`,
    read: (column) => `finalizeAggregation(${column})`,
    direct: {
      compute: `${name}${parameters}(${value.sql})`,
      merge: (column) => `${name}Merge${parameters}(${column})`,
    },
  };
}

function percentileOf(value: CompiledExpression, level: number): StatePart {
  return {
    name: 'q',
    type: `AggregateFunction(quantileTDigest(${level}), Nullable(Float64))`,
    compute: `quantileTDigestState(${level})(toFloat64(${value.sql}))`,
    merge: (column) => `quantileTDigestMergeState(${level})(${column})`,
    read: (column) => `toString(finalizeAggregation(${column}))`,
  };
}

interface CompiledExpression {
  sql: string;
  /** ClickHouse type, nullable. */
  type: string;
  scale: number;
  /** Needs the widest decimals, because fields are multiplied. */
  exact: boolean;
}

function compileExpression(text: string, types: ReadonlyMap<string, FieldType>): CompiledExpression {
  const expression = parseExpression(text);
  if (expression.kind === 'name') return compileField(expression.name, types.get(expression.name) ?? 'TEXT');
  const { sql, scale } = arithmetic(expression, types);
  return { sql, scale, type: `Nullable(Decimal(76, ${scale}))`, exact: true };
}

function compileField(name: string, type: FieldType): CompiledExpression {
  const column = valueOf(name);
  switch (type) {
    case 'NUMBER':
      return { sql: column, type: columnType('NUMBER'), scale: NUMBER_SCALE, exact: false };
    case 'INTEGER':
      return { sql: `toDecimal128(${column}, 0)`, type: 'Nullable(Decimal(38, 0))', scale: 0, exact: false };
    case 'TEXT':
      return { sql: textOf(name), type: 'Nullable(String)', scale: 0, exact: false };
    case 'FLAG':
      return { sql: column, type: name.startsWith('$') ? 'Bool' : 'Nullable(Bool)', scale: 0, exact: false };
    case 'TIME':
      return {
        sql: column,
        type: name.startsWith('$') ? "DateTime64(3, 'UTC')" : "Nullable(DateTime64(3, 'UTC'))",
        scale: 0,
        exact: false,
      };
    case 'JSON':
      return { sql: column, type: 'Nullable(String)', scale: 0, exact: false };
  }
}

/** A text that may be NULL: users, sessions and fields of a contract may; other texts of the envelope never are. */
function textOf(name: string): string {
  const [value, column] = [valueOf(name), columnOf(name)];
  return name.startsWith('$') && value === column ? `toNullable(toString(${value}))` : value;
}

function arithmetic(expression: Expression, types: ReadonlyMap<string, FieldType>): { sql: string; scale: number } {
  switch (expression.kind) {
    case 'number':
      return { sql: decimalLiteral(expression.value), scale: decimalScale(expression.value) };
    case 'name': {
      const scale = types.get(expression.name) === 'INTEGER' ? 0 : NUMBER_SCALE;
      return { sql: `toDecimal256(${columnOf(expression.name)}, ${scale})`, scale };
    }
    case 'negate': {
      const { sql, scale } = arithmetic(expression.of, types);
      return { sql: `negate(${sql})`, scale };
    }
    case 'binary': {
      const [left, right] = [arithmetic(expression.left, types), arithmetic(expression.right, types)];
      const scale = expression.operator === '*' ? left.scale + right.scale : Math.max(left.scale, right.scale);
      return { sql: `(${left.sql} ${expression.operator} ${right.sql})`, scale };
    }
  }
}
