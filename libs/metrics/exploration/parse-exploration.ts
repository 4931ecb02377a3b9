import { INSTANT_EXPECTED, parseInstant } from '@paddock/contracts';
import { isTimeZone } from '@paddock/time-zones';
import { DefinitionReader } from '../definition-reader.js';
import { readFilter } from '../grammar/filter.js';
import { readMeasure } from '../grammar/parse-metric.js';
import {
  MAX_BUCKETS,
  MAX_LIMIT,
  MAX_QUESTION_DIMENSIONS,
  PERIOD_COMPARISONS,
  SHORTEST_MS,
} from '../grammar/question-limits.js';
import type { DefinitionProblem, Parsed } from '../problem.js';
import { GRAINS } from '../time/calendar.js';
import { durationMs, parseDuration } from '../time/duration.js';
import { type ExplorationBody, type ExplorationRange, VISUALISATIONS } from './exploration-body.js';

/** Reads the body of an exploration by itself; {@link checkExploration} checks its references to events and metrics. */
export function parseExploration(input: unknown): Parsed<ExplorationBody> {
  const problems: DefinitionProblem[] = [];
  const from = DefinitionReader.of(input, '', problems);
  const body: ExplorationBody = {
    title: from.text('title', { max: 200 }),
    ...from.optional('description', (name) => from.text(name, { max: 10_000 })),
    ...from.optional('metric', (name) => from.text(name, { max: 100 })),
    ...from.optional('measure', (name) => readMeasure(from.part(name))),
    ...from.optional('dimensions', () => readDimensions(from)),
    ...from.optional('filter', (name) => readFilter(from.part(name))),
    grain: from.oneOf('grain', GRAINS),
    range: readRange(from.part('range')),
    ...from.optional('timeZone', (name) => from.text(name, { max: 100 })),
    ...from.optional('compareTo', (name) => from.oneOf(name, PERIOD_COMPARISONS)),
    ...from.optional('limit', (name) => from.number(name, { min: 1, max: MAX_LIMIT, integer: true })),
    ...from.optional('visualisation', (name) => from.oneOf(name, VISUALISATIONS)),
  };
  from.done();
  const { timeZone } = body;
  if (from.has('metric') === from.has('measure'))
    from.problem('', 'EXACTLY_ONE', 'must have exactly one of metric, measure', undefined);
  if (timeZone !== undefined && !isTimeZone(timeZone))
    from.problem('timeZone', 'UNKNOWN_TIME_ZONE', `${JSON.stringify(timeZone)} is no IANA time zone`, undefined);
  if (problems.length === 0 && lengthMs(body.range) / SHORTEST_MS[body.grain] > MAX_BUCKETS)
    from.problem(
      'grain',
      'TOO_MANY',
      `would give more than ${MAX_BUCKETS} buckets; take a coarser grain or a shorter range`,
      undefined,
    );
  return problems.length === 0 ? { ok: true, body } : { ok: false, problems };
}

function readDimensions(from: DefinitionReader): string[] {
  const given = from.list('dimensions', { min: 0, max: MAX_QUESTION_DIMENSIONS });
  return given.flatMap((name, index): string[] => {
    const at = `dimensions[${index}]`;
    if (typeof name !== 'string' || name === '' || name.length > 300)
      return from.problem(at, 'WRONG_TYPE', 'must be a name of at most 300 characters', []);
    return given.indexOf(name) < index
      ? from.problem(at, 'DUPLICATE', `${JSON.stringify(name)} is there already`, [])
      : [name];
  });
}

function readRange(from: DefinitionReader): ExplorationRange {
  const range: ExplorationRange = {
    ...from.optional('last', (name) => from.text(name, { max: 20 })),
    ...from.optional('complete', (name) => from.flag(name)),
    ...from.optional('from', (name) => readInstant(from, name)),
    ...from.optional('to', (name) => readInstant(from, name)),
  };
  from.done();
  const ends = [from.has('from'), from.has('to')];
  if (from.has('last') ? ends.includes(true) : ends.includes(false))
    from.problem('', 'EXACTLY_ONE', 'must have either last, or from and to', undefined);
  if (range.last !== undefined && range.last !== '' && !parseDuration(range.last))
    from.problem(
      'last',
      'INVALID_DURATION',
      `must be a duration above zero like 24h, 7d or 1 month, not ${JSON.stringify(range.last)}`,
      undefined,
    );
  if (range.complete !== undefined && !from.has('last'))
    from.problem('complete', 'NOT_ALLOWED', 'has a meaning beside last only', undefined);
  if (range.from && range.to && msOf(range.to) <= msOf(range.from))
    from.problem('to', 'OUT_OF_RANGE', 'must be after from', undefined);
  return range;
}

function readInstant(from: DefinitionReader, name: string): string {
  const text = from.text(name, { max: 60 });
  if (text === '') return text;
  const at = parseInstant(text);
  if (at === undefined)
    return from.problem(name, 'INVALID_DATE', `must be ${INSTANT_EXPECTED}, not ${JSON.stringify(text)}`, '');
  return at < 0 || at > Date.UTC(2100, 0, 1)
    ? from.problem(name, 'OUT_OF_RANGE', 'must lie between 1970 and 2100', '')
    : text;
}

function lengthMs({ last, from, to }: ExplorationRange): number {
  const duration = last === undefined ? undefined : parseDuration(last);
  return duration ? durationMs(duration) : msOf(to) - msOf(from);
}

function msOf(text = ''): number {
  return parseInstant(text) ?? NaN;
}
