import type { SentEvent } from './read-event.js';

/** One step of a repair. */
export type RepairStep =
  | { readonly rename: { readonly from: string; readonly to: string } }
  | { readonly set: { readonly field: string; readonly value: unknown } }
  | { readonly convert: { readonly field: string; readonly to: 'NUMBER' | 'TEXT' } }
  | { readonly drop: { readonly field: string } };

/** Applies the steps in order. A step that finds no field changes nothing. */
export function repair(sent: SentEvent, steps: readonly RepairStep[]): SentEvent {
  return steps.reduce((event, step) => {
    if ('set' in step) return { ...event, [step.set.field]: step.set.value };
    if ('drop' in step) return without(event, step.drop.field);
    const field = 'convert' in step ? step.convert.field : step.rename.from;
    const value = event[field];
    if (value === undefined) return event;
    if ('convert' in step) return { ...event, [field]: converted(value, step.convert.to) };
    return { ...without(event, field), [step.rename.to]: value };
  }, sent);
}

function without(event: SentEvent, field: string): SentEvent {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== field));
}

/** A text that is a plain decimal number becomes that number, a number or flag its text; all else stays. */
function converted(value: unknown, to: 'NUMBER' | 'TEXT'): unknown {
  if (to === 'TEXT') return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return typeof value === 'string' && /^\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*$/.test(value) ? Number(value) : value;
}
