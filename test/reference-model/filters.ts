import type { ComparisonName, Filter, FilterValue, Selection } from './definitions.js';
import { decimal } from './decimal.js';
import { asText, compareValues, type StoredEvent, type Value } from './events.js';

/** The truth value of a condition on an event: null where a compared field is missing, as in SQL. */
type Truth = boolean | null;

const COMPARISONS: Readonly<Record<ComparisonName, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
};

/** The events of a selection. */
export function selected(events: readonly StoredEvent[], { event, filter }: Selection): StoredEvent[] {
  return events.filter((one) => one.event === event && fits(one, filter));
}

/** Whether an event fits a filter: a condition that says nothing of it excludes it. */
export function fits(event: StoredEvent, filter: Filter | undefined): boolean {
  return filter === undefined || truth(event, filter) === true;
}

function truth(event: StoredEvent, filter: Filter): Truth {
  if ('exists' in filter) return event.values.has(filter.exists.field);
  if ('contains' in filter) {
    const value = event.values.get(filter.contains.field);
    return value === undefined ? null : asText(value).includes(filter.contains.text);
  }
  if ('in' in filter) {
    const value = event.values.get(filter.in.field);
    return value === undefined ? null : filter.in.values.some((one) => compareValues(value, like(value, one)) === 0);
  }
  if ('and' in filter) return every(filter.and.map((part) => truth(event, part)));
  if ('or' in filter) return some(filter.or.map((part) => truth(event, part)));
  if ('not' in filter) {
    const inner = truth(event, filter.not);
    return inner === null ? null : !inner;
  }
  return every(Object.entries(filter).map(([name, operand]) => compared(event, name, operand)));
}

function compared(event: StoredEvent, name: string, operand: unknown): Truth {
  if (!isComparison(name) || !isOperand(operand)) throw new TypeError(`${name} is no condition`);
  const value = event.values.get(operand.field);
  return value === undefined ? null : COMPARISONS[name](compareValues(value, like(value, operand.value)));
}

/** False as soon as one is false, true only where all are. */
function every(truths: readonly Truth[]): Truth {
  return truths.includes(false) ? false : truths.includes(null) ? null : true;
}

/** True as soon as one is true, false only where all are. */
function some(truths: readonly Truth[]): Truth {
  return truths.includes(true) ? true : truths.includes(null) ? null : false;
}

/** A filter's value, converted for the comparison with an event's value. */
function like(value: Value, given: FilterValue): Value {
  if (typeof given === 'number') return decimal(given);
  return value instanceof Date ? new Date(String(given)) : given;
}

function isComparison(name: string): name is ComparisonName {
  return name in COMPARISONS;
}

function isOperand(operand: unknown): operand is { field: string; value: FilterValue } {
  return typeof operand === 'object' && operand !== null && 'field' in operand && 'value' in operand;
}
