import type { DefinitionProblem, ProblemCode } from './problem.js';

/** Bounds of a text member. */
interface TextRules {
  max?: number;
  pattern?: RegExp;
  code?: ProblemCode;
  /** The pattern's requirement in words. */
  expected?: string;
}

const DEFAULT_MAX_TEXT = 1_000;

/**
 * Reads a definition whose shape is not yet known to be right, member by member, and collects every mistake with its
 * path. After a mistake it continues with a placeholder; the result is used only when no problem was found.
 */
export class DefinitionReader {
  private readonly read = new Set<string>();

  private constructor(
    private readonly members: Readonly<Record<string, unknown>>,
    readonly path: string,
    readonly problems: DefinitionProblem[],
  ) {}

  /** A reader of an object; a `value` that is no object is a problem, and then every member is missing. */
  static of(value: unknown, path: string, problems: DefinitionProblem[]): DefinitionReader {
    if (isRecord(value)) return new DefinitionReader(value, path, problems);
    problems.push({
      path,
      code: value === undefined ? 'REQUIRED' : 'WRONG_TYPE',
      message: value === undefined ? 'is required' : 'must be an object',
    });
    // Members below it are not reported as missing as well.
    return new DefinitionReader(ANYTHING, path, []);
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  has(name: string): boolean {
    return this.members[name] !== undefined && this.members[name] !== null;
  }

  value(name: string): unknown {
    this.read.add(name);
    return this.members[name] ?? undefined;
  }

  text(name: string, rules: TextRules = {}): string {
    return this.checkedText(name, this.value(name), rules);
  }

  /** A list of texts, each with the rules. */
  texts(name: string, size: { min: number; max: number }, rules: TextRules = {}): string[] {
    return this.list(name, size).map((value, index) => this.checkedText(`${name}[${index}]`, value, rules));
  }

  private checkedText(name: string, value: unknown, rules: TextRules): string {
    if (typeof value !== 'string') return this.wrong(name, value, 'a text', '');
    if (value.length > (rules.max ?? DEFAULT_MAX_TEXT))
      return this.problem(
        name,
        'TOO_LONG',
        `has ${value.length} characters, at most ${rules.max ?? DEFAULT_MAX_TEXT} are allowed`,
        '',
      );
    if (!value.isWellFormed() || value.includes('\0'))
      return this.problem(name, 'NOT_ALLOWED', 'contains NUL or half a character', '');
    if (rules.pattern && !rules.pattern.test(value))
      return this.problem(
        name,
        rules.code ?? 'NOT_ALLOWED',
        `must be ${rules.expected ?? String(rules.pattern)}, not ${JSON.stringify(value)}`,
        '',
      );
    return value;
  }

  number(name: string, { min, max, integer = false }: { min: number; max: number; integer?: boolean }): number {
    const value = this.value(name);
    if (typeof value !== 'number') return this.wrong(name, value, 'a number', min);
    if (value < min || value > max || !Number.isFinite(value) || (integer && !Number.isInteger(value))) {
      return this.problem(
        name,
        'OUT_OF_RANGE',
        `must be ${integer ? 'a whole number' : 'a number'} from ${min} to ${max}, not ${value}`,
        min,
      );
    }
    return value;
  }

  flag(name: string): boolean {
    const value = this.value(name);
    return typeof value === 'boolean' ? value : this.wrong(name, value, 'true or false', false);
  }

  oneOf<const T extends string>(name: string, allowed: readonly [T, ...T[]]): T {
    const value = this.value(name);
    const known = allowed.find((option) => option === value);
    if (known !== undefined) return known;
    if (value === undefined) return this.wrong(name, value, '', allowed[0]);
    return this.problem(
      name,
      'NOT_ALLOWED',
      `must be one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`,
      allowed[0],
    );
  }

  part(name: string): DefinitionReader {
    return DefinitionReader.of(this.value(name), this.at(name), this.problems);
  }

  /** A list of objects; with fewer or more than allowed, that is a problem. */
  parts<T>(name: string, { min, max }: { min: number; max: number }, read: (part: DefinitionReader) => T): T[] {
    return this.list(name, { min, max }).map((value, index) =>
      read(DefinitionReader.of(value, `${this.at(name)}[${index}]`, this.problems)),
    );
  }

  list(name: string, { min, max }: { min: number; max: number }): readonly unknown[] {
    const value = this.value(name);
    if (!Array.isArray(value)) return this.wrong(name, value, 'a list', []);
    if (value.length < min || value.length > max)
      return this.problem(name, 'TOO_MANY', `must have ${min} to ${max} members, not ${value.length}`, []);
    return value;
  }

  /** `{ [name]: … }` when the member is there, `{}` when it is not: for members that may be absent. */
  optional<const N extends string, T>(name: N, read: (name: N) => T): { [name in N]?: T } {
    this.read.add(name);
    if (!this.has(name)) return {};
    const found: { [name in N]?: T } = {};
    found[name] = read(name);
    return found;
  }

  problem<T>(name: string, code: ProblemCode, message: string, instead: T): T {
    this.problems.push({ path: name === '' ? this.path : this.at(name), code, message });
    return instead;
  }

  /** Reports members that were not read: a misspelt one must not be ignored silently. */
  done(): void {
    if (this.members === ANYTHING) return;
    for (const name of Object.keys(this.members)) {
      if (!this.read.has(name)) this.problem(name, 'UNKNOWN_FIELD', 'is not known here', undefined);
    }
  }

  private wrong<T>(name: string, value: unknown, expected: string, instead: T): T {
    return value === undefined
      ? this.problem(name, 'REQUIRED', 'is required', instead)
      : this.problem(name, 'WRONG_TYPE', `must be ${expected}`, instead);
  }
}

const ANYTHING: Readonly<Record<string, unknown>> = {};

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
