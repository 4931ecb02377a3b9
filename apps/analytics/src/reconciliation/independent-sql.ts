import { Big } from 'big.js';
import {
  columnOf,
  type EventSchemaBody,
  type Expression,
  fieldTypes,
  type FieldType,
  type Filter,
  filterInstant,
  type FilterValue,
  parseExpression,
  parseSemVer,
  parseSemVerRange,
  type SimpleMetric,
} from '@paddock/metrics';
import { rawTable } from '../store/raw-table.js';
import type { Interval } from '../queries/interval.js';

/*
 * SQL that computes a simple metric a second time, written apart from libs/metrics/sql on purpose: from raw events
 * alone, without FINAL, rollups and states, each event once by its id, with literals and conditions of its own. A
 * mistake there would have to be made here as well, in another form, to go unseen.
 */

/** Digits after the point of NUMBER fields. */
const SCALE = 9;
/** How far from its level the rank of an approximate percentile may be. */
const RANK_ERROR = 0.02;

/**
 * SELECT of one row per window, by its index `w`: `all_n` values that were aggregated, `all_v` the value, `all_low` and
 * `all_high` between which an approximate one may lie, and the same with `ontime_` before their names from events that
 * were received before `cutoff` (a batch that ran then saw no others). `copies_n` counts every received copy of an
 * event, also those that did not count.
 */
export function recomputation(
  metric: SimpleMetric,
  contract: EventSchemaBody,
  windows: readonly Interval[],
  cutoff: number,
): string {
  const types = fieldTypes(contract);
  const value = metric.agg === 'count' ? '1' : rendered(metric.expr ?? '', types);
  const first = Math.min(...windows.map(({ start }) => start));
  const last = Math.max(...windows.map(({ end }) => end));
  const t = 'toUnixTimestamp64Milli(_time)';
  const starts = `[${windows.map(({ start }) => start).join(',')}]`;
  const ends = `[${windows.map(({ end }) => end).join(',')}]`;
  // No field of an event begins with an underscore, so none is hidden by these names.
  const stored =
    `SELECT _id, argMin(${t}, _received) AS _t, min(_received) AS _came, argMin(tuple(${value}), _received).1 AS _x, argMin((${conditionSql(metric, contract, types)}) = 1, _received) AS _fits, count() AS _rows` +
    ` FROM ${rawTable(metric.event)} WHERE ${t} >= ${first} AND ${t} < ${last} GROUP BY _id`;
  const repeated = `SELECT id, uniqExact(time, received) AS times FROM repetitions WHERE event = ${text(metric.event)} AND toUnixTimestamp64Milli(time) >= ${first} AND toUnixTimestamp64Milli(time) < ${last} GROUP BY id`;
  const once = `SELECT _t, _came, _x, _fits, _rows + times AS _copies FROM (${stored}) AS s LEFT JOIN (${repeated}) AS r ON r.id = s._id`;
  const placed = `SELECT arrayJoin(arrayFilter(i -> _t >= ${starts}[i] AND _t < ${ends}[i], arrayEnumerate(${starts}))) - 1 AS w, _x AS x, _copies AS copies, toUnixTimestamp64Milli(_came) <= ${cutoff} AS intime FROM (${once}) WHERE _fits`;
  const aggregated = aggregate(metric);
  const onTime = aggregate(metric, 'intime');
  const named = (name: string, { value: v, low, high }: Aggregated): string =>
    `toString(${v}) AS ${name}_v, toString(${low}) AS ${name}_low, toString(${high}) AS ${name}_high`;
  return `SELECT w, count(x) AS all_n, ${named('all', aggregated)}, countIf(x IS NOT NULL AND intime) AS ontime_n, ${named('ontime', onTime)}, sum(copies) AS copies_n, countIf(NOT intime) AS late FROM (${placed}) GROUP BY w`;
}

interface Aggregated {
  value: string;
  low: string;
  high: string;
}

function aggregate({ agg, percentile = 0.5 }: SimpleMetric, condition?: string): Aggregated {
  const x = condition === undefined ? 'x' : `if(${condition}, x, NULL)`;
  const same = (value: string) => ({ value, low: value, high: value });
  switch (agg) {
    case 'count':
      return same(`count(${x})`);
    case 'sum':
      return same(`ifNull(sum(${x}), 0)`);
    case 'average':
      return same(`ifNull(sum(${x}), 0)`);
    case 'min':
      return same(`arrayMin(groupArray(${x}))`);
    case 'max':
      return same(`arrayMax(groupArray(${x}))`);
    case 'count_distinct':
      return same(`length(groupUniqArray(${x}))`);
    case 'percentile': {
      const at = (level: number): string =>
        `arraySort(groupArray(toFloat64(${x})))[greatest(1, toUInt64(ceil(count(${x}) * ${Math.min(1, Math.max(0, level))})))]`;
      return { value: at(percentile), low: at(percentile - RANK_ERROR), high: at(percentile + RANK_ERROR) };
    }
  }
}

function conditionSql(metric: SimpleMetric, contract: EventSchemaBody, types: ReadonlyMap<string, FieldType>): string {
  const filter = metric.filter ? filterSql(metric.filter, types) : '1';
  if (metric.contract === undefined) return filter;
  const inRange = parseSemVerRange(metric.contract);
  const versions = contract.versions.filter(({ version }) => {
    const parsed = parseSemVer(version);
    return parsed !== undefined && inRange?.(parsed) === true;
  });
  return `(${filter}) AND has([${versions.map(({ version }) => text(version)).join(',')}], toString(_contract))`;
}

function filterSql(filter: Filter, types: ReadonlyMap<string, FieldType>): string {
  const at = given;
  const value = (field: string, given: FilterValue): string => literal(given, types.get(field));
  if ('and' in filter) return filter.and.map((part) => `(${filterSql(part, types)})`).join(' AND ');
  if ('or' in filter) return filter.or.map((part) => `(${filterSql(part, types)})`).join(' OR ');
  if ('not' in filter) return `NOT (${filterSql(filter.not, types)})`;
  if ('exists' in filter) return `isNotNull(${at(filter.exists.field)})`;
  if ('contains' in filter)
    return `${at(filter.contains.field)} LIKE concat('%', replaceRegexpAll(${text(filter.contains.text)}, '[%_\\\\\\\\]', '\\\\\\\\\\\\0'), '%')`;
  if ('in' in filter)
    return filter.in.values.map((one) => `equals(${at(filter.in.field)}, ${value(filter.in.field, one)})`).join(' OR ');
  if ('eq' in filter) return `equals(${at(filter.eq.field)}, ${value(filter.eq.field, filter.eq.value)})`;
  if ('ne' in filter) return `notEquals(${at(filter.ne.field)}, ${value(filter.ne.field, filter.ne.value)})`;
  if ('lt' in filter) return `less(${at(filter.lt.field)}, ${value(filter.lt.field, filter.lt.value)})`;
  if ('lte' in filter) return `lessOrEquals(${at(filter.lte.field)}, ${value(filter.lte.field, filter.lte.value)})`;
  if ('gt' in filter) return `greater(${at(filter.gt.field)}, ${value(filter.gt.field, filter.gt.value)})`;
  return `greaterOrEquals(${at(filter.gte.field)}, ${value(filter.gte.field, filter.gte.value)})`;
}

/** The store keeps an empty text for a missing identifying field. */
function given(field: string): string {
  return ['$user', '$session'].includes(field)
    ? `if(empty(${columnOf(field)}), NULL, ${columnOf(field)})`
    : columnOf(field);
}

function literal(value: FilterValue, type: FieldType | undefined): string {
  if (type === 'TIME')
    return `parseDateTime64BestEffort(${text(new Date(filterInstant(String(value)) ?? NaN).toISOString())}, 3, 'UTC')`;
  if (typeof value === 'number') return decimal(String(value));
  return typeof value === 'boolean' ? String(value) : text(value);
}

/** Every byte of a text as two hex digits, so that no part of it can be SQL. */
function text(value: string): string {
  return `unhex('${Buffer.from(value, 'utf8').toString('hex')}')`;
}

function decimal(value: number | string): string {
  const digits = new Big(value).toFixed();
  return `toDecimal256('${digits}', ${(digits.split('.')[1] ?? '').length})`;
}

function rendered(expr: string, types: ReadonlyMap<string, FieldType>): string {
  const expression = parseExpression(expr);
  if (expression.kind !== 'name') return arithmetic(expression);
  switch (types.get(expression.name)) {
    case 'NUMBER':
      return `toDecimal256(${columnOf(expression.name)}, ${SCALE})`;
    case 'INTEGER':
      return `toInt256(${columnOf(expression.name)})`;
    case 'TEXT':
      return given(expression.name);
    default:
      return `toString(${columnOf(expression.name)})`;
  }
}

function arithmetic(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return decimal(expression.value);
    case 'name':
      return `toDecimal256(${columnOf(expression.name)}, ${SCALE})`;
    case 'negate':
      return `(0 - ${arithmetic(expression.of)})`;
    case 'binary':
      return `(${arithmetic(expression.left)} ${expression.operator} ${arithmetic(expression.right)})`;
  }
}
