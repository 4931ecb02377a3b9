import type { Json } from '@paddock/contracts';

/** One difference between two bodies. `before` is absent for ADD, `after` for REMOVE. */
export interface BodyChange {
  /** `cta.href`, `tags[football]`, `slots[hero].items[promo=summer].schedule.to`; empty for the whole body. */
  path: string;
  op: 'ADD' | 'REMOVE' | 'CHANGE' | 'MOVE';
  before?: Json;
  after?: Json;
}

type JsonObject = { [name: string]: Json };

/** Members that tell the elements of an array apart, in the order in which they are tried. */
const IDENTITIES = ['name', 'key', 'id', 'promo', 'component'] as const;

/**
 * What changed from one body to another: per field; arrays element by element, matched by identity instead of index,
 * so that one inserted slot is one change. `undefined` stands for no body at all.
 */
export function diffBodies(before: Json | undefined, after: Json | undefined): BodyChange[] {
  return diffValues('', before, after);
}

function diffValues(path: string, before: Json | undefined, after: Json | undefined): BodyChange[] {
  if (before === undefined) return after === undefined ? [] : [{ path, op: 'ADD', after }];
  if (after === undefined) return [{ path, op: 'REMOVE', before }];
  if (isObject(before) && isObject(after)) return diffObjects(path, before, after);
  if (Array.isArray(before) && Array.isArray(after)) return diffArrays(path, before, after);
  return before === after ? [] : [{ path, op: 'CHANGE', before, after }];
}

function diffObjects(path: string, before: JsonObject, after: JsonObject): BodyChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => diffValues(path === '' ? name : `${path}.${name}`, before[name], after[name]));
}

function diffArrays(path: string, before: Json[], after: Json[]): BodyChange[] {
  const label = labelling(before, after);
  if (!label) return same(before, after) ? [] : [{ path, op: 'CHANGE', before, after }];
  const olds = new Map(before.map((element) => [label(element), element]));
  const news = new Map(after.map((element) => [label(element), element]));
  const elements = [...new Set([...olds.keys(), ...news.keys()])].flatMap((name) =>
    diffValues(`${path}[${name}]`, olds.get(name), news.get(name)),
  );
  return [...elements, ...moves(path, [...olds.keys()], [...news.keys()])];
}

/** Of the elements that both arrays have, the one move that says that their order changed. */
function moves(path: string, before: string[], after: string[]): BodyChange[] {
  const kept = before.filter((name) => after.includes(name));
  const now = after.filter((name) => before.includes(name));
  return same(kept, now) ? [] : [{ path, op: 'MOVE', before: kept, after: now }];
}

/** A naming that identifies each element uniquely in both arrays; `undefined` if none does. */
function labelling(before: Json[], after: Json[]): ((element: Json) => string) | undefined {
  const labels: ((element: Json) => string | undefined)[] = [
    (element) => (typeof element === 'string' ? element : undefined),
    ...IDENTITIES.map((member) => (element: Json) => {
      const value = isObject(element) ? element[member] : undefined;
      return typeof value === 'string' ? (member === 'name' ? value : `${member}=${value}`) : undefined;
    }),
    // Items of a slot may be of different types: the member that is present names the document.
    (element) => (isObject(element) ? mixedIdentity(element) : undefined),
  ];
  const found = labels.find((label) => tellsApart(before, label) && tellsApart(after, label));
  return found && ((element) => found(element) ?? '');
}

function mixedIdentity(element: JsonObject): string | undefined {
  const member = [...IDENTITIES, 'promos', 'markets'].find((name) => element[name] !== undefined);
  return member && `${member}=${JSON.stringify(element[member])}`.replaceAll('"', '');
}

function tellsApart(elements: Json[], label: (element: Json) => string | undefined): boolean {
  const names = elements.map(label);
  return names.every((name) => name !== undefined) && new Set(names).size === names.length;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
