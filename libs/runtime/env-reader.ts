/**
 * Reads settings from environment variables and collects every mistake, so that an operator sees all of them at once.
 * Each app builds one read-only settings object with it at boot; nothing else reads `process.env`.
 */
export class EnvReader {
  private readonly problems: string[] = [];
  private readonly seen = new Map<string, string>();

  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  text(name: string, fallback?: string): string {
    const value = this.raw(name, fallback);
    if (value === undefined) return this.problem(name, 'is required', '');
    return value;
  }

  optional(name: string): string | undefined {
    return this.raw(name, undefined);
  }

  /** Optional text of a given form; `expected` describes the form. */
  optionalLike(name: string, isValid: (value: string) => boolean, expected: string): string | undefined {
    const value = this.raw(name, undefined);
    if (value === undefined || isValid(value)) return value;
    // The value itself may be a secret.
    return this.problem(name, `must be ${expected}`, undefined);
  }

  integer(name: string, fallback: number, { min, max }: { min: number; max: number }): number {
    const value = this.raw(name, String(fallback));
    const number = Number(value);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    return this.problem(name, `must be an integer from ${min} to ${max}, not ${JSON.stringify(value)}`, fallback);
  }

  /** A TCP port; 0 lets the system choose one. */
  port(name: string, fallback: number): number {
    return this.integer(name, fallback, { min: 0, max: 65_535 });
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.raw(name, fallback);
    const known = allowed.find((option) => option === value);
    return known ?? this.problem(name, `must be one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`, fallback);
  }

  flag(name: string, fallback: boolean): boolean {
    return this.oneOf(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true';
  }

  url(name: string, protocols: readonly string[], fallback?: string): URL {
    const value = this.raw(name, fallback);
    if (value !== undefined && URL.canParse(value)) {
      const url = new URL(value);
      if (protocols.includes(url.protocol)) return url;
    }
    const expected = protocols.map((protocol) => `${protocol}//…`).join(' or ');
    return this.problem(name, `must be a URL like ${expected}`, new URL('http://invalid'));
  }

  /** Notes a mistake that the reader found in variables whose names it does not know beforehand. */
  refuse(name: string, message: string): void {
    this.problem(name, message, undefined);
  }

  /** The names that were read, with their defaults: `.env.example` must list them. */
  get variables(): ReadonlyMap<string, string> {
    return this.seen;
  }

  /**
   * The settings, frozen through and through.
   * @throws InvalidSettings with every problem found
   */
  done<T extends object>(settings: T): Readonly<T> {
    if (this.problems.length > 0) throw new InvalidSettings(this.problems);
    return deepFreeze(settings);
  }

  private raw(name: string, fallback: string | undefined): string | undefined {
    this.seen.set(name, fallback ?? '');
    const value = this.env[name];
    return value === undefined || value === '' ? fallback : value;
  }

  private problem<T>(name: string, message: string, instead: T): T {
    this.problems.push(`${name} ${message}`);
    return instead;
  }
}

export class InvalidSettings extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`invalid settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null && !(member instanceof URL)) deepFreeze(member);
  }
  return Object.freeze(value);
}
