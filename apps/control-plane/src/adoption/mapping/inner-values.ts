import type { Json, ValueFormat } from '@paddock/contracts';
import { parsePhp } from './php-values.js';

/** One step into a value: the member of a name, the place in a list, or the first of a list whose member says something. */
type Step = { name: string } | { at: number } | { where: string; is: string };

const STEP = /\.?([^.[\]"=\s]+)|\[(\d{1,6})\]|\["([^"]*)"\]|\[([^\]"=]+)=([^\]]*)\]/y;

/** Reads a path such as `images[0].url`; `undefined` for an invalid path. */
export function parsePath(path: string): Step[] | undefined {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const [, name, at, quotedName, where, is] = STEP.exec(path) ?? [];
    if (at !== undefined) steps.push({ at: Number(at) });
    else if (where !== undefined) steps.push({ where, is: is ?? '' });
    else if (name !== undefined || quotedName !== undefined) steps.push({ name: name ?? quotedName ?? '' });
    else return undefined;
  }
  return steps.length > 0 && !path.startsWith('.') ? steps : undefined;
}

/** A name as a step of a path. */
export function stepTo(name: string): string {
  return /^[^.[\]"=\s]+$/.test(name) ? name : `["${name.replaceAll('"', '')}"]`;
}

/** Joins steps of a path. */
export function pathOf(steps: readonly string[]): string {
  return steps.reduce((path, step) => (path === '' || step.startsWith('[') ? `${path}${step}` : `${path}.${step}`), '');
}

/** The values of a text; `undefined` where the text is not in this format. */
export function parseValues(text: string, format: ValueFormat): Json | undefined {
  if (format === 'PHP_SERIALIZED') return parsePhp(text);
  try {
    const parsed: Json = JSON.parse(text);
    return parsed;
  } catch {
    return undefined;
  }
}

/** The value at a path as text, as a column would hold it; `null` without a value, `undefined` where the text is not in this format. */
export function innerText(text: string, path: string, format: ValueFormat): string | null | undefined {
  const values = parseValues(text, format);
  if (values === undefined) return undefined;
  const found = (parsePath(path) ?? []).reduce<Json | undefined>(into, values);
  if (found === undefined || found === null) return null;
  if (typeof found === 'boolean') return found ? '1' : '0';
  return typeof found === 'object' ? JSON.stringify(found) : String(found);
}

function into(value: Json | undefined, step: Step): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('at' in step) return Array.isArray(value) ? value[step.at] : memberOf(value, String(step.at));
  if ('name' in step) return Array.isArray(value) ? undefined : memberOf(value, step.name);
  const members = Array.isArray(value) ? value : Object.values(value);
  return members.find(
    (member) =>
      typeof member === 'object' &&
      member !== null &&
      !Array.isArray(member) &&
      String(memberOf(member, step.where) ?? '') === step.is,
  );
}

function memberOf(value: { readonly [name: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
