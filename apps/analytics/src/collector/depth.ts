import { INEXACT_NUMBER_MESSAGE, InexactNumber } from '@paddock/contracts';
import { isEventBody } from './field-writer.js';
import { type Rejection, reject } from './rejection.js';

/**
 * The deepest nesting of an event. Much deeper events parse, but exhaust the stack where they are checked or written.
 */
const MAX_DEPTH = 100;

/** Whether a value has more levels of objects and lists than an event may have. */
function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((one) => isTooDeep(one, levels - 1));
  if (!isEventBody(value)) return false;
  for (const name in value) if (isTooDeep(value[name], levels - 1)) return true;
  return false;
}

/** A fault that stops further checks of a value: too many levels, or a number that would change. */
export function faultOf(value: unknown, levels = MAX_DEPTH): Rejection | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : inexact();
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof InexactNumber) return inexact();
  if (levels === 0) return reject('TOO_DEEP', `has more than ${MAX_DEPTH} levels of objects and lists`);
  if (Array.isArray(value)) return faultInList(value, levels - 1);
  if (!isEventBody(value)) return undefined;
  for (const name in value) {
    if (name === '__proto__') return reject('FORBIDDEN_NAME', 'is not allowed as a name', name);
    const fault = faultOf(value[name], levels - 1);
    if (fault) return under(name, fault);
  }
  return undefined;
}

function faultInList(list: readonly unknown[], levels: number): Rejection | undefined {
  for (let index = 0; index < list.length; index += 1) {
    const fault = faultOf(list[index], levels);
    if (fault) return under(`[${index}]`, fault);
  }
  return undefined;
}

function inexact(): Rejection {
  return reject('NUMBER_TOO_PRECISE', INEXACT_NUMBER_MESSAGE, '');
}

/** The fault with its path. An event that is too deep gets no path, which would be as long as the event is deep. */
function under(name: string, fault: Rejection): Rejection {
  const { field } = fault;
  if (field === undefined) return fault;
  return { ...fault, field: field === '' || field.startsWith('[') ? `${name}${field}` : `${name}.${field}` };
}

/** The JSON text of a value, cut where it is too deep. */
export function textOf(value: unknown): string {
  if (!isTooDeep(value)) return JSON.stringify(value);
  const depths = new WeakMap<object, number>();
  return JSON.stringify(value, function cut(this: object, _: string, member: unknown): unknown {
    if (typeof member !== 'object' || member === null) return member;
    const depth = (depths.get(this) ?? 0) + 1;
    depths.set(member, depth);
    return depth > MAX_DEPTH ? '…' : member;
  });
}
