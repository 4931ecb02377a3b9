import { INSTANT_EXPECTED, parseInstant } from '@paddock/contracts';
import {
  checkSelection,
  compileDimension,
  dimensionsOf,
  fieldTypes,
  type Filter,
  filteredEvents,
  type Grain,
  GRAINS,
  MAX_QUESTION_DIMENSIONS,
  type MetricBody,
  parseFilter,
} from '@paddock/metrics';
import { isTimeZone } from '@paddock/time-zones';
import type { Definitions } from '../definitions/definitions.js';

/** One mistake in a query, with its path. */
export interface QueryProblem {
  path: string;
  code: string;
  message: string;
}

/** An invalid query, with all its mistakes. */
export class InvalidQuery extends Error {
  constructor(readonly problems: readonly QueryProblem[]) {
    super(problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
  }
}

const EARLIEST = 0;
const LATEST = Date.UTC(2100, 0, 1);

/** Reads the parts that queries have in common, collecting every mistake. */
export class QueryReader {
  readonly problems: QueryProblem[];

  /** @param found mistakes that were found earlier; no more mistakes are reported for their paths */
  constructor(
    private readonly definitions: Definitions,
    private readonly found: readonly QueryProblem[] = [],
  ) {
    this.problems = [...found];
  }

  problem(path: string, code: string, message: string): undefined {
    if (!this.found.some((known) => known.path === path)) this.problems.push({ path, code, message });
    return undefined;
  }

  /** Runs another reader and adds its mistakes. */
  also<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InvalidQuery)) throw error;
      this.problems.push(...error.problems);
      return undefined;
    }
  }

  /** The same for an asynchronous reader. */
  async alsoLater<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      return this.also(() => {
        throw error;
      });
    }
  }

  /** @throws InvalidQuery when there was any mistake */
  done(): void {
    if (this.problems.length > 0) throw new InvalidQuery(this.problems);
  }

  metric(key: string): MetricBody | undefined {
    return (
      this.definitions.metric(key) ??
      this.problem('metric', 'UNKNOWN_METRIC', `there is no metric ${JSON.stringify(key.slice(0, 100))}`)
    );
  }

  instant(path: string, text: string): number | undefined {
    const at = parseInstant(text);
    if (at === undefined)
      return this.problem(
        path,
        'INVALID_DATE',
        `must be ${INSTANT_EXPECTED}, not ${JSON.stringify(text.slice(0, 60))}`,
      );
    return at < EARLIEST || at > LATEST ? this.problem(path, 'OUT_OF_RANGE', 'must lie between 1970 and 2100') : at;
  }

  range(from: string, to: string): { start: number; end: number } | undefined {
    const [start, end] = [this.instant('from', from), this.instant('to', to)];
    if (start === undefined || end === undefined) return undefined;
    return end > start ? { start, end } : this.problem('to', 'OUT_OF_RANGE', 'must be after from');
  }

  grain(grain: string): Grain | undefined {
    const lower = grain.toLowerCase();
    return (
      GRAINS.find((one) => one === lower) ??
      this.problem(
        'grain',
        'NOT_ALLOWED',
        `must be one of ${GRAINS.join(', ')}, not ${JSON.stringify(grain.slice(0, 40))}`,
      )
    );
  }

  timeZone(zone: string): string {
    if (!isTimeZone(zone))
      this.problem('timeZone', 'UNKNOWN_TIME_ZONE', `${JSON.stringify(zone.slice(0, 60))} is no IANA time zone`);
    return zone;
  }

  integer(path: string, value: number, min: number, max: number): number {
    if (!Number.isInteger(value) || value < min || value > max)
      this.problem(path, 'OUT_OF_RANGE', `must be a whole number from ${min} to ${max}, not ${value}`);
    return value;
  }

  /** Dimensions that every simple metric behind this one has. */
  dimensions(names: readonly string[], metric: string, body: MetricBody | undefined): void {
    if (names.length > MAX_QUESTION_DIMENSIONS)
      this.problem('dimensions', 'TOO_MANY', `at most ${MAX_QUESTION_DIMENSIONS} dimensions can be asked for at once`);
    const known = body ? dimensionsOf(body, this.definitions) : [];
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) !== index)
        this.problem(`dimensions[${index}]`, 'DUPLICATE', `${JSON.stringify(name)} stands twice`);
      else if (body && !known.includes(name))
        this.problem(
          `dimensions[${index}]`,
          'UNKNOWN_DIMENSION',
          `${metric} has no dimension ${JSON.stringify(name.slice(0, 100))}; it has ${known.join(', ') || 'none'}`,
        );
    }
  }

  /** A filter on the fields of every event that the metric counts. */
  filter(given: unknown, body: MetricBody | undefined): Filter | undefined {
    if (given === undefined || given === null) return undefined;
    const parsed = parseFilter(given, 'filter');
    if (!parsed.ok) {
      this.problems.push(...parsed.problems);
      return undefined;
    }
    for (const event of body ? filteredEvents(body, this.definitions) : []) this.fits(parsed.body, event);
    return parsed.body;
  }

  /** Checks that a filter uses fields of the event, with values of their types. */
  fits(filter: Filter, event: string): void {
    this.problems.push(
      ...checkSelection({ event, filter }, '', this.definitions).map((problem) => ({
        ...problem,
        path: problem.path.replace(/^\./, ''),
      })),
    );
  }
}

/** The field behind each dimension of a contract's event: the field of the same name. */
export function fieldDimension(field: string, event: string, definitions: Definitions, index: number) {
  const contract = definitions.event(event);
  const types = contract && fieldTypes(contract);
  const type = types?.get(field);
  return types && type && type !== 'JSON' ? compileDimension({ name: field, field }, index, types) : undefined;
}
