import { isEventBody } from './field-writer.js';

/** As deep as an event may be. Much deeper ones parse, but exhaust the stack where they are checked or written. */
export const MAX_DEPTH = 100;

/** Whether a value has more levels of objects and lists than an event may have. */
export function isTooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((one) => isTooDeep(one, levels - 1));
  if (!isEventBody(value)) return false;
  for (const name in value) if (isTooDeep(value[name], levels - 1)) return true;
  return false;
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
