import { DateTime } from 'luxon';
import { exactNumber, InexactNumber, parseInstant } from '@paddock/contracts';
import { looksLikeSeconds } from '../collector/event-time.js';
import type { EventBody } from '../collector/field-writer.js';
import { isEventBody } from '../collector/field-writer.js';
import type { QueryProblem } from '../queries/query-problems.js';

export const CONVERSIONS = ['TEXT', 'NUMBER', 'INTEGER', 'FLAG', 'TIME'] as const;
export type Conversion = (typeof CONVERSIONS)[number];

/** One step of a repair: exactly one member. Fields are named by their path, `cart.total`; a step contains no code. */
export type RepairStep =
  | { rename: { from: string; to: string } }
  | { set: { field: string; value: unknown } }
  | { convert: { field: string; to: Conversion } }
  | { drop: { field: string } };

const MAX_STEPS = 50;
/** `__proto__` and what every object inherits are no fields. */
const NAME = /^[A-Za-z_$][\w$ -]{0,99}$/;

/** Every mistake in a mapping. */
export function mappingProblems(steps: readonly RepairStep[]): QueryProblem[] {
  const problems: QueryProblem[] = [];
  if (steps.length > MAX_STEPS)
    problems.push({ path: 'mapping', code: 'TOO_MANY', message: `at most ${MAX_STEPS} steps are allowed` });
  for (const [index, step] of steps.entries()) {
    for (const [name, path] of pathsOf(step)) {
      const names = path.split('.');
      if (names.length > 5 || !names.every((one) => NAME.test(one) && !(one in Object.prototype))) {
        problems.push({
          path: `mapping[${index}].${name}`,
          code: 'INVALID_NAME',
          message: `${JSON.stringify(path.slice(0, 100))} is no path of a field`,
        });
      }
    }
  }
  return problems;
}

function pathsOf(step: RepairStep): [string, string][] {
  if ('rename' in step)
    return [
      ['rename.from', step.rename.from],
      ['rename.to', step.rename.to],
    ];
  if ('set' in step) return [['set.field', step.set.field]];
  return 'convert' in step ? [['convert.field', step.convert.field]] : [['drop.field', step.drop.field]];
}

/** Applies the steps in order. A step without a matching field has no effect. The input event is not modified. */
export function applyMapping(event: EventBody, steps: readonly RepairStep[]): EventBody {
  return steps.reduce((repaired, step) => applyStep(repaired, step), event);
}

function applyStep(event: EventBody, step: RepairStep): EventBody {
  if ('set' in step) return withValue(event, step.set.field.split('.'), step.set.value);
  if ('drop' in step) return without(event, step.drop.field.split('.'));
  if ('rename' in step) {
    const from = step.rename.from.split('.');
    const value = valueAt(event, from);
    return value === undefined ? event : withValue(without(event, from), step.rename.to.split('.'), value);
  }
  const path = step.convert.field.split('.');
  const value = valueAt(event, path);
  return value === undefined ? event : withValue(event, path, converted(value, step.convert.to));
}

function valueAt(event: unknown, [name = '', ...rest]: readonly string[]): unknown {
  if (!isEventBody(event) || !Object.hasOwn(event, name)) return undefined;
  return rest.length === 0 ? event[name] : valueAt(event[name], rest);
}

function withValue(event: EventBody, [name = '', ...rest]: readonly string[], value: unknown): EventBody {
  if (rest.length === 0) return { ...event, [name]: value };
  const inner = event[name];
  return { ...event, [name]: withValue(isEventBody(inner) ? inner : {}, rest, value) };
}

function without(event: EventBody, [name = '', ...rest]: readonly string[]): EventBody {
  const { [name]: inner, ...others } = event;
  return rest.length === 0 || !isEventBody(inner)
    ? rest.length === 0
      ? others
      : event
    : { ...event, [name]: without(inner, rest) };
}

const MAX_DATE_MS = 8.64e15;
const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*$/;

/**
 * Converts a value to another type. A value that cannot be converted stays, and its contract then reports the mistake.
 */
function converted(value: unknown, to: Conversion): unknown {
  switch (to) {
    case 'TEXT':
      return value instanceof InexactNumber
        ? value.source
        : typeof value === 'number' || typeof value === 'boolean'
          ? String(value)
          : value;
    case 'NUMBER':
      return typeof value === 'string' && NUMBER.test(value) ? numberIn(value) : value;
    case 'INTEGER': {
      const number = typeof value === 'string' && NUMBER.test(value) ? numberIn(value) : value;
      return typeof number === 'number' ? Math.round(number) : number;
    }
    case 'FLAG':
      return ['true', 'yes', '1', 1].includes(lower(value))
        ? true
        : ['false', 'no', '0', 0].includes(lower(value))
          ? false
          : value;
    case 'TIME': {
      const at =
        typeof value === 'number' || (typeof value === 'string' && /^\d{10,13}$/.test(value))
          ? epochMs(Number(value))
          : writtenTime(String(value));
      return Math.abs(at) <= MAX_DATE_MS ? new Date(at).toISOString() : value;
    }
  }
}

/** The number in a text; refused where it would lose digits. */
function numberIn(text: string): number | InexactNumber {
  return exactNumber(
    text
      .trim()
      .replace(/^\+/, '')
      .replace(/^(-?)\./, '$10.')
      .replace(/\.$/, ''),
  );
}

/** A number of seconds or of milliseconds since 1970. */
function epochMs(count: number): number {
  return looksLikeSeconds(count) ? count * 1_000 : count;
}

/** RFC 3339, also with a space for the `T`, or RFC 5322 (`5 Jan 2026 08:00 UTC`); NaN for times without an offset and for dates that do not exist. */
function writtenTime(text: string): number {
  const instant = parseInstant(text.trim().replace(/^(\S{10}) (?=\S)/, '$1T'));
  return instant ?? DateTime.fromRFC2822(text.trim().replace(/\bUTC$/, 'GMT')).toMillis();
}

function lower(value: unknown): string | number {
  return typeof value === 'number' ? value : String(value).toLowerCase();
}
