import { createHash } from 'node:crypto';
import { ODDS_MARKETS } from '@paddock/contracts';
import { partitionOf } from '@paddock/eventlog';
import type { RequestMistake } from '../http/problem.js';
import type { LiveMarket } from './live-market.js';

/** By what markets are chosen: any value within a member, all members together. */
export const FILTER_MEMBERS = ['events', 'markets', 'sports', 'competitions', 'types'] as const;
export type FilterMember = (typeof FILTER_MEMBERS)[number];
export type FilterValues = Partial<Record<FilterMember, readonly string[]>>;

const MAX_VALUES = 200;
const MAX_VALUE_LENGTH = 200;
/** A longer filter is named by its hash, so that a `clk` stays short; but not one of a single value, which is what a snapshot's path says. */
const MAX_NAME_LENGTH = 80;
/** As it is written into a `clk`, where no more has room. */
const MAX_SINGLE_NAME_BYTES = 900;

const PARTITIONS = Array.from({ length: ODDS_MARKETS.partitions }, (_, partition) => partition);

/** Chooses markets among those that a reader's view shows. */
export class MarketFilter {
  /** Equal filters have equal names. It begins with `{` where the filter can be read from it. */
  readonly name: string;
  /** Where its markets can be. */
  readonly partitions: readonly number[];
  private readonly sets: ReadonlyMap<FilterMember, ReadonlySet<string>>;

  constructor(readonly values: FilterValues) {
    const members = FILTER_MEMBERS.flatMap((member) => {
      const given = values[member];
      return given ? [[member, [...new Set(given)].sort()] as const] : [];
    });
    this.sets = new Map(members.map(([member, given]) => [member, new Set(given)]));
    const json = JSON.stringify(Object.fromEntries(members));
    const isSingle =
      members.length === 1 &&
      members[0]?.[1].length === 1 &&
      Buffer.byteLength(JSON.stringify(json)) <= MAX_SINGLE_NAME_BYTES;
    this.name =
      isSingle || json.length <= MAX_NAME_LENGTH
        ? json
        : createHash('sha256').update(json).digest('base64url').slice(0, 16);
    this.partitions = values.events
      ? [...new Set(values.events.map((event) => partitionOf(ODDS_MARKETS, event)))].sort((a, b) => a - b)
      : PARTITIONS;
  }

  matches({ book }: LiveMarket, def = book.def): boolean {
    for (const [member, wanted] of this.sets) {
      const value = {
        events: book.event,
        markets: book.id,
        sports: def?.sport,
        competitions: def?.competition,
        types: def?.type,
      }[member];
      if (value === undefined || !wanted.has(value)) return false;
    }
    return true;
  }
}

/** Reads a filter, noting every mistake under its path. */
export function parseFilter(value: unknown, path: string, mistakes: RequestMistake[]): MarketFilter {
  const values: FilterValues = {};
  if (value === undefined || value === null) return new MarketFilter(values);
  if (typeof value !== 'object' || Array.isArray(value)) {
    mistakes.push({ field: path, message: 'must be an object' });
    return new MarketFilter(values);
  }
  for (const [name, given] of Object.entries(value)) {
    const member = FILTER_MEMBERS.find((known) => known === name);
    if (given === null && member) continue;
    if (member) values[member] = list(given, `${path}.${member}`, mistakes);
    else
      mistakes.push({
        field: `${path}.${name.slice(0, 40)}`,
        message: `is not a member; expected ${FILTER_MEMBERS.join(', ')}`,
      });
  }
  return new MarketFilter(values);
}

function list(given: unknown, path: string, mistakes: RequestMistake[]): string[] {
  const values: string[] = [];
  if (!Array.isArray(given) || given.length === 0 || given.length > MAX_VALUES) {
    mistakes.push({ field: path, message: `must be a list of 1 to ${MAX_VALUES} texts` });
    return values;
  }
  for (const [index, value] of given.entries()) {
    if (typeof value === 'string' && value !== '' && value.length <= MAX_VALUE_LENGTH) values.push(value);
    else
      mistakes.push({ field: `${path}[${index}]`, message: `must be a text of 1 to ${MAX_VALUE_LENGTH} characters` });
  }
  return values;
}

/** The filter that a name says, where it says it. */
export function filterNamed(name: string): MarketFilter | undefined {
  if (!name.startsWith('{')) return undefined;
  const mistakes: RequestMistake[] = [];
  const filter = parseFilter(JSON.parse(name), 'filter', mistakes);
  return mistakes.length === 0 ? filter : undefined;
}
