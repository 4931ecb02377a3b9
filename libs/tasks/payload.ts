import { parseInstant, type Reader, ShapeError } from '@paddock/contracts';

/** A member that may be absent. */
export interface OptionalReader<T> extends Reader<T> {
  readonly optional: true;
}

type Members = Readonly<Record<string, Reader<unknown>>>;
type OptionalNames<M extends Members> = {
  [Name in keyof M]: M[Name] extends OptionalReader<unknown> ? Name : never;
}[keyof M];
/** What a reader for an object with these members returns. */
export type ObjectOf<M extends Members> = {
  [Name in Exclude<keyof M, OptionalNames<M>>]: ReturnType<M[Name]>;
} & { [Name in OptionalNames<M>]?: ReturnType<M[Name]> };

/** The most mistakes that are named; more would add no information. */
const MAX_NAMED = 20;

/** A payload is not what its task expects: every mistake, each with its path. */
export class InvalidPayload extends Error {
  constructor(readonly mistakes: readonly ShapeError[]) {
    const named = mistakes.slice(0, MAX_NAMED).map(({ message }) => message);
    const more = mistakes.length > MAX_NAMED ? [`and ${mistakes.length - MAX_NAMED} more`] : [];
    super([...named, ...more].join('; '));
  }
}

/**
 * An object with these members. Every mistake is reported, not only the first. Members that are not listed are left
 * out: they may be of a newer version.
 * @throws ShapeError where it is no object, InvalidPayload where its members are wrong
 */
export function object<const M extends Members>(members: M): Reader<ObjectOf<M>> {
  return (value, path) => {
    if (!isObject(value)) throw new ShapeError(path, 'an object');
    const found: Record<string, unknown> = {};
    const mistakes: ShapeError[] = [];
    for (const [name, read] of Object.entries(members)) {
      const member = value[name];
      if (member === undefined && isOptional(read)) continue;
      collect(mistakes, () => (found[name] = read(member, path === '' ? name : `${path}.${name}`)));
    }
    if (mistakes.length > 0 || !isWhole(found, members)) throw new InvalidPayload(mistakes);
    return found;
  };
}

/** A list of at most so many. @throws InvalidPayload with the mistakes of all its members */
export function listOf<T>(read: Reader<T>, max: number): Reader<T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > max) throw new ShapeError(path, `a list of at most ${max}`);
    const mistakes: ShapeError[] = [];
    const found: T[] = [];
    value.forEach((member, index) => collect(mistakes, () => found.push(read(member, `${path}[${index}]`))));
    if (mistakes.length > 0) throw new InvalidPayload(mistakes);
    return found;
  };
}

/** A member that may be absent, and then is absent in what is returned. */
export function optional<T>(read: Reader<T>): OptionalReader<T> {
  const reader: Reader<T> = (value, path) => read(value, path);
  return Object.assign(reader, { optional: true } as const);
}

/** Text of 1 to `max` characters. */
export function boundedText(max: number): Reader<string> {
  return (value, path) => {
    if (typeof value === 'string' && value.length > 0 && value.length <= max) return value;
    throw new ShapeError(path, `a text of 1 to ${max} characters`);
  };
}

/** A name of 1 to `max` characters that fits an ASCII column. */
export function asciiName(max: number): Reader<string> {
  const read = boundedText(max);
  return (value, path) => {
    const name = read(value, path);
    if (/^[\x21-\x7e]+$/.test(name)) return name;
    throw new ShapeError(path, 'printable ASCII characters without spaces');
  };
}

/** A whole number of a range. */
export function integer(min: number, max: number): Reader<number> {
  return (value, path) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
    throw new ShapeError(path, `an integer from ${min} to ${max}`);
  };
}

/** RFC 3339 with offset, kept as it is written. */
export const instantText: Reader<string> = (value, path) => {
  if (typeof value === 'string' && value.length <= 40 && parseInstant(value) !== undefined) return value;
  throw new ShapeError(path, 'an RFC 3339 date-time with offset');
};

function collect(mistakes: ShapeError[], read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidPayload) mistakes.push(...error.mistakes);
    else if (error instanceof ShapeError) mistakes.push(error);
    else throw error;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOptional(read: Reader<unknown>): boolean {
  return 'optional' in read;
}

/** Every member was read, or may be absent. */
function isWhole<M extends Members>(found: object, members: M): found is ObjectOf<M> {
  return Object.entries(members).every(([name, read]) => name in found || isOptional(read));
}
