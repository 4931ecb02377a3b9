import type { Bucket } from './calendar.js';
import type { Definitions, Filter, Grain } from './definitions.js';
import { asText, type StoredEvent } from './events.js';
import type { Figure } from './figure.js';

/** The value of one dimension: a text, or null for events without the field. */
export type Cell = string | null;

/** The part of the events behind a row of an answer: one combination of cells, or all but some. */
export type Part = { readonly cells: readonly Cell[] } | { readonly restOf: readonly (readonly Cell[])[] };

/** The figure of a metric for one bucket and one part. */
export interface Outcome {
  /** Null where there is nothing to say. */
  readonly figure: Figure | null;
  /** Whether there is any event that it is made from. */
  readonly hasEvents: boolean;
}

/** A metric as one query sees it. */
export interface Reading {
  /** Which combinations of cells have events in any of the buckets. */
  combinations(buckets: readonly Bucket[]): (readonly Cell[])[];
  outcome(bucket: Bucket, part: Part): Outcome;
}

/** The common inputs of all parts of one query. */
export interface Asked {
  readonly definitions: Definitions;
  readonly events: readonly StoredEvent[];
  readonly grain: Grain;
  readonly zone: string;
  readonly dimensions: readonly string[];
  readonly filter?: Filter | undefined;
}

/** Things that happened, each with its time and the combination of cells that it belongs to. */
export class Grouped<T extends { readonly time: number }> {
  private readonly groups = new Map<string, { cells: readonly Cell[]; members: T[] }>();

  constructor(members: readonly T[], cellsOf: (member: T) => readonly Cell[]) {
    for (const member of members) {
      const cells = cellsOf(member);
      const key = keyOf(cells);
      const group = this.groups.get(key) ?? { cells, members: [] };
      group.members.push(member);
      this.groups.set(key, group);
    }
  }

  combinations(buckets: readonly Bucket[]): (readonly Cell[])[] {
    const isAsked = ({ time }: T): boolean => buckets.some(({ start, end }) => time >= start && time < end);
    return [...this.groups.values()].filter(({ members }) => members.some(isAsked)).map(({ cells }) => cells);
  }

  within({ start, end }: Bucket, part: Part): T[] {
    return this.partOf(part).filter(({ time }) => time >= start && time < end);
  }

  private partOf(part: Part): readonly T[] {
    if ('cells' in part) return this.groups.get(keyOf(part.cells))?.members ?? [];
    const others = new Set(part.restOf.map(keyOf));
    return [...this.groups].filter(([key]) => !others.has(key)).flatMap(([, { members }]) => members);
  }
}

/** The cells of an event, by the fields of the dimensions. */
export function cellsOf(event: StoredEvent, fields: readonly string[]): readonly Cell[] {
  return fields.map((field) => {
    const value = event.values.get(field);
    return value === undefined ? null : asText(value);
  });
}

/** A combination of cells as a text, one for each combination. */
export function keyOf(cells: readonly Cell[]): string {
  return JSON.stringify(cells);
}
