import { FieldProblem, ProblemError, ValidationProblem } from '../problems.js';
import type { PageRequest } from './list-args.js';
import type { Direction, Order } from './order.js';

/** A value that rows are ordered by. It is never null: a column that may be needs a COALESCE. */
export interface SortKey<Row> {
  /** The SQL expression. */
  readonly sql: string;
  readonly type: 'text' | 'number' | 'time';
  /** The same value of a row that was read. */
  of(row: Row): string | number | Date;
}

/** What a list can be ordered by, and how it is ordered when nothing else is asked for. */
export interface Ordering<Row, Field extends string> {
  readonly fields: Readonly<Record<Field, SortKey<Row>>>;
  /** Tells any two rows apart, and so makes every order complete. */
  readonly unique: SortKey<Row>;
  readonly whenAbsent: readonly Order<Field>[];
  /** The direction of `unique` when nothing else is asked for. */
  readonly uniqueDirection?: Direction;
}

/** The part of a list that a page reads, as SQL with named parameters. */
export interface Slice {
  /** Which rows are beyond the cursor; `undefined` where there is no cursor. */
  readonly where: string | undefined;
  readonly parameters: Readonly<Record<string, string | number | Date>>;
  readonly orderBy: readonly (readonly [sql: string, direction: Direction])[];
  /** One more row than the page has, which shows whether there is another page. */
  readonly limit: number;
}

interface Step<Row> {
  name: string;
  key: SortKey<Row>;
  direction: Direction;
}

/**
 * A place in an ordered list. A page begins behind the values of the last row that was seen, never at a count of rows,
 * so that no row is skipped or repeated while others are added and removed.
 */
export class Keyset<Row, Field extends string> {
  private readonly steps: readonly Step<Row>[];

  constructor(
    ordering: Ordering<Row, Field>,
    orderBy: readonly Order<Field>[] | null | undefined,
    private readonly page: PageRequest,
  ) {
    const orders = orderBy && orderBy.length > 0 ? orderBy : ordering.whenAbsent;
    const steps = orders.map(({ field, direction }) => ({ name: field, key: ordering.fields[field], direction }));
    const direction = orders.at(-1)?.direction ?? ordering.uniqueDirection ?? 'ASC';
    this.steps = [...steps, { name: 'id', key: ordering.unique, direction }];
  }

  /** @throws ProblemError for a cursor that this list, in this order, has not written */
  slice(): Slice {
    const values = this.page.cursor === undefined ? undefined : this.decode(this.page.cursor);
    return {
      where: values && this.beyond(),
      parameters: Object.fromEntries((values ?? []).map((value, index) => [`cursor_${index}`, value])),
      orderBy: this.steps.map(({ key, direction }) => [key.sql, this.read(direction)]),
      limit: this.page.size + 1,
    };
  }

  cursorOf(row: Row): string {
    const values = this.steps.map(({ key }) => {
      const value = key.of(row);
      return value instanceof Date ? value.toISOString() : value;
    });
    return Buffer.from(JSON.stringify([this.signature, ...values])).toString('base64url');
  }

  /** Which order the cursor belongs to. */
  private get signature(): string {
    return this.steps.map(({ name, direction }) => `${name} ${direction}`).join(',');
  }

  private read(direction: Direction): Direction {
    if (this.page.direction === 'FORWARDS') return direction;
    return direction === 'ASC' ? 'DESC' : 'ASC';
  }

  /** `a > :a OR (a = :a AND b > :b)`, with a bound on the first value by itself, which an index can follow. */
  private beyond(): string {
    const comparison = (direction: Direction) => (this.read(direction) === 'ASC' ? '>' : '<');
    const alternatives = this.steps.map(({ key, direction }, index) => {
      const equal = this.steps.slice(0, index).map((step, before) => `${step.key.sql} = :cursor_${before}`);
      return `(${[...equal, `${key.sql} ${comparison(direction)} :cursor_${index}`].join(' AND ')})`;
    });
    const [first] = this.steps;
    const bound =
      first && this.steps.length > 1 ? `${first.key.sql} ${comparison(first.direction)}= :cursor_0 AND ` : '';
    return `${bound}(${alternatives.join(' OR ')})`;
  }

  private decode(cursor: string): (string | number | Date)[] {
    const [signature, ...values] = parsed(cursor);
    const read =
      signature === this.signature && values.length === this.steps.length
        ? this.steps.map(({ key }, index) => valueOf(key.type, values[index]))
        : [undefined];
    const known = read.filter((value) => value !== undefined);
    if (known.length === this.steps.length) return known;
    const field = this.page.direction === 'FORWARDS' ? 'after' : 'before';
    const message = 'is no cursor of this list in this order; send a cursor that the same query answered';
    throw new ProblemError(new ValidationProblem([new FieldProblem(field, 'INVALID_CURSOR', message)]));
  }
}

function parsed(cursor: string): unknown[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(values) ? values : [];
  } catch {
    return [];
  }
}

function valueOf(type: SortKey<never>['type'], value: unknown): string | number | Date | undefined {
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !value.isWellFormed()) return undefined;
  if (type === 'text') return value;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
