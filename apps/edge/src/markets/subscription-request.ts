import type { RequestMistake } from '../http/problem.js';
import { FILTER_MEMBERS, type FilterValues, type MarketFilter, parseFilter } from './market-filter.js';

const CONFLATE = { min: 0, max: 120_000 };
const HEARTBEAT = { min: 500, max: 5_000, default: 2_000 };
const MAX_ID = 2 ** 31 - 1;

/** The options of a subscription. Without `conflateMs` the feeds' own window applies. */
export interface SubscribeOptions {
  readonly filter: MarketFilter;
  readonly conflateMs: number | undefined;
  readonly hbMs: number;
  readonly clk: string | undefined;
}

/** A frame of a client. */
export type ClientFrame =
  ({ readonly op: 'sub'; readonly id: number } & SubscribeOptions) | { readonly op: 'unsub'; readonly id: number };

/** Why a frame was not taken. */
export interface FrameRefusal {
  readonly id?: number;
  readonly code: 'BAD_FRAME' | 'UNKNOWN_OP' | 'INVALID_FRAME' | 'INVALID_CLK' | 'UNKNOWN_ID' | 'ID_IN_USE' | 'TOO_MANY';
  readonly errors: RequestMistake[];
}

const MEMBERS = { sub: ['op', 'id', 'filter', 'conflateMs', 'hbMs', 'clk'], unsub: ['op', 'id'] } as const;

/** Reads a frame, noting every mistake at once. */
export function parseClientFrame(text: string): ClientFrame | FrameRefusal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { code: 'BAD_FRAME', errors: [{ field: '', message: 'is not JSON' }] };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { code: 'BAD_FRAME', errors: [{ field: '', message: 'is not an object' }] };
  const given: Readonly<Record<string, unknown>> = { ...value };
  const { op } = given;
  if (op !== 'sub' && op !== 'unsub')
    return { code: 'UNKNOWN_OP', errors: [{ field: 'op', message: 'must be sub or unsub' }] };
  const mistakes: RequestMistake[] = [];
  const known: readonly string[] = MEMBERS[op];
  for (const name of Object.keys(given))
    if (!known.includes(name))
      mistakes.push({ field: name.slice(0, 40), message: `is not a member; expected ${known.join(', ')}` });
  const id = whole(given['id'], 'id', { min: 0, max: MAX_ID }, mistakes);
  if (id === undefined && given['id'] === undefined)
    mistakes.push({ field: 'id', message: `must be a whole number from 0 to ${MAX_ID}` });
  const wishes = op === 'sub' ? parseSubscribeOptions(given, mistakes) : undefined;
  if (mistakes.length > 0 || id === undefined) return refusal(id, mistakes);
  return wishes ? { op: 'sub', id, ...wishes } : { op: 'unsub', id };
}

function refusal(id: number | undefined, errors: RequestMistake[]): FrameRefusal {
  const onlyClk = errors.every(({ field }) => field === 'clk');
  return { ...(id === undefined ? {} : { id }), code: onlyClk ? 'INVALID_CLK' : 'INVALID_FRAME', errors };
}

/** The options that frames and GraphQL arguments share. */
export function parseSubscribeOptions(
  given: Readonly<Record<string, unknown>>,
  mistakes: RequestMistake[],
): SubscribeOptions {
  const { clk } = given;
  if (clk !== undefined && clk !== null && !isClk(clk))
    mistakes.push({ field: 'clk', message: 'is not a clk that was sent from here' });
  return {
    filter: parseFilter(given['filter'], 'filter', mistakes),
    conflateMs: whole(given['conflateMs'], 'conflateMs', CONFLATE, mistakes),
    hbMs: whole(given['hbMs'], 'hbMs', HEARTBEAT, mistakes) ?? HEARTBEAT.default,
    clk: isClk(clk) ? clk : undefined,
  };
}

/** Its form; what is in it is checked where it is used, and may lead to an image. */
function isClk(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 16 && value.length <= 2_000 && /^[\w-]+$/.test(value);
}

function whole(
  value: unknown,
  field: string,
  { min, max }: { min: number; max: number },
  mistakes: RequestMistake[],
): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  mistakes.push({ field, message: `must be a whole number from ${min} to ${max}` });
  return undefined;
}

/** Parameters by which a URL says who asks. */
export const CALLER_PARAMETERS = ['clientKey', 'site', 'environment'] as const;
const WISH_PARAMETERS = ['conflateMs', 'hbMs', 'clk'] as const;

type CallerParameters = Readonly<Partial<Record<(typeof CALLER_PARAMETERS)[number], string>>>;

/** SubscribeOptions and caller as a URL says them: lists joined by commas. */
export interface SubscribeQuery extends SubscribeOptions {
  readonly hasFilter: boolean;
  readonly caller: CallerParameters;
  /** The text of one of `more`. */
  text(name: string): string | undefined;
}

/** Reads a query, noting every mistake. `more` are parameters that the caller reads itself. */
export function parseQuery(
  query: Readonly<Record<string, unknown>>,
  mistakes: RequestMistake[],
  more: readonly string[] = [],
): SubscribeQuery {
  const texts = readTexts(
    Object.entries(query),
    [...FILTER_MEMBERS, ...WISH_PARAMETERS, ...CALLER_PARAMETERS, ...more],
    mistakes,
  );
  const lists: FilterValues = {};
  for (const member of FILTER_MEMBERS) {
    const value = texts.get(member);
    if (value !== undefined && value !== '') lists[member] = value.split(',');
  }
  const number = (name: string): unknown => (texts.has(name) ? Number(texts.get(name) || Number.NaN) : undefined);
  const wishes = parseSubscribeOptions(
    { filter: lists, conflateMs: number('conflateMs'), hbMs: number('hbMs'), clk: texts.get('clk') },
    mistakes,
  );
  return {
    ...wishes,
    hasFilter: Object.keys(lists).length > 0,
    caller: callerOf(texts),
    text: (name) => texts.get(name),
  };
}

/** The caller, from the URL of a WebSocket; everything else comes in frames. */
export function parseCaller(url: string, mistakes: RequestMistake[]): CallerParameters {
  return callerOf(readTexts([...new URLSearchParams(url.split('?', 2)[1] ?? '')], CALLER_PARAMETERS, mistakes));
}

function readTexts(
  given: Iterable<readonly [string, unknown]>,
  known: readonly string[],
  mistakes: RequestMistake[],
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of given) {
    if (!known.includes(name))
      mistakes.push({ field: name.slice(0, 40), message: `is not a parameter; expected ${known.join(', ')}` });
    else if (typeof value !== 'string' || texts.has(name)) mistakes.push({ field: name, message: 'is given twice' });
    else texts.set(name, value);
  }
  return texts;
}

function callerOf(texts: ReadonlyMap<string, string>): CallerParameters {
  return Object.fromEntries(CALLER_PARAMETERS.flatMap((name) => (texts.get(name) ? [[name, texts.get(name)]] : [])));
}
