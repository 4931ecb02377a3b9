/** A document or artefact does not have the shape that this version reads. The path says where. */
export class ShapeError extends Error {
  constructor(
    readonly path: string,
    readonly expected: string,
  ) {
    super(`${path} must be ${expected}`);
  }
}

/** A reader for a value that came from outside. */
export type Reader<T> = (value: unknown, path: string) => T;

export const text: Reader<string> = (value, path) => {
  if (typeof value === 'string') return value;
  throw new ShapeError(path, 'a text');
};

export const number: Reader<number> = (value, path) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ShapeError(path, 'a number');
};

export const counter: Reader<number> = (value, path) => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ShapeError(path, 'a whole number');
};

export const flag: Reader<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value;
  throw new ShapeError(path, 'true or false');
};

export const sha256: Reader<string> = (value, path) => {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value;
  throw new ShapeError(path, '64 lower-case hexadecimal digits');
};

export function oneOf<const T extends string>(allowed: readonly T[]): Reader<T> {
  return (value, path) => {
    const known = allowed.find((option) => option === value);
    if (known !== undefined) return known;
    throw new ShapeError(path, `one of ${allowed.join(', ')}`);
  };
}

export function list<T>(read: Reader<T>): Reader<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new ShapeError(path, 'a list');
    return value.map((member, index) => read(member, `${path}[${index}]`));
  };
}

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : read(value, path));
}

/** An object's members, read one by one. Members that are not read are ignored: they may be of a newer version. */
export class Shape {
  private readonly members: Readonly<Record<string, unknown>>;

  constructor(
    value: unknown,
    private readonly path = '',
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ShapeError(path || 'the whole', 'an object');
    this.members = { ...value };
  }

  get<T>(name: string, read: Reader<T>): T {
    return read(this.members[name], this.pathOf(name));
  }

  /** Absent and `null` are the same: the member is left out. To be spread into an object. */
  optional<const Name extends string, T>(name: Name, read: Reader<T>): { [key in Name]?: T } {
    const value = this.members[name];
    const found: { [key in Name]?: T } = {};
    if (value !== undefined && value !== null) found[name] = read(value, this.pathOf(name));
    return found;
  }

  get names(): string[] {
    return Object.keys(this.members);
  }

  private pathOf(name: string): string {
    return this.path ? `${this.path}.${name}` : name;
  }
}
