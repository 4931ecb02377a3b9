import { scheduleInstants } from '@paddock/audience';
import type { ConfigKind } from '../config-kind.js';
import { referenceTargets } from '../revisions.js';

/** What lists ask of a body. */
export interface ContentFacts {
  startsAt: Date | null;
  endsAt: Date | null;
  unseen: boolean;
  text: string;
  terms: readonly string[];
}

/** No key is longer than this; longer terms are left out of the index. */
const MAX_TERM = 250;
/** A body has up to 1 MiB; what stands behind so many characters of its text is not found by searching. */
const MAX_TEXT = 100_000;

/** The terms under which documents are found by what their bodies use. */
export const TERMS = {
  tag: (tag: string) => `tag:${tag}`,
  segment: (segment: string) => `segment:${segment}`,
  sport: (sport: string) => `market-sport:${sport}`,
  competition: (competition: string) => `market-competition:${competition}`,
  event: (event: string) => `market-event:${event}`,
  market: (market: string) => `market:${market}`,
} as const;

/** Takes from a body what lists filter, sort and search by. */
export function contentFacts(kind: ConfigKind, document: { key: string; label: string }, body: object): ContentFacts {
  const { startsAt, endsAt } = scheduleOf(body);
  const audience = member(body, 'audience');
  return {
    ...{ startsAt, endsAt },
    unseen: isObject(audience) && audience.percentage === 0,
    text: textOf(document, body),
    terms: termsOf(kind, body).filter((term) => term.length <= MAX_TERM),
  };
}

function termsOf(kind: ConfigKind, body: object): string[] {
  return [
    ...new Set([
      ...referenceTargets(kind, body),
      ...kind.reach(body).tags.map(TERMS.tag),
      ...membersNamed(body, 'audience').flatMap((audience) => texts(member(audience, 'segments')).map(TERMS.segment)),
      ...[...membersNamed(body, 'markets'), ...membersNamed(body, 'match')].flatMap(marketTerms),
    ]),
  ];
}

/** A market list of a layout, or the match of a market rule. */
function marketTerms(query: object): string[] {
  return (['sport', 'competition', 'event', 'market'] as const).flatMap((name) => {
    const value = member(query, name);
    return typeof value === 'string' ? [TERMS[name](value)] : [];
  });
}

/** The document's own schedule. One that cannot be read, in a body of an older version, counts as none. */
function scheduleOf(body: object): { startsAt: Date | null; endsAt: Date | null } {
  const schedule = member(body, 'schedule');
  const { from, to, timeZone } = isObject(schedule) ? schedule : {};
  if (typeof timeZone !== 'string') return { startsAt: null, endsAt: null };
  const local = (text: unknown) => (typeof text === 'string' ? text : undefined);
  try {
    const [begin, end] = [local(from), local(to)];
    const instants = scheduleInstants({
      timeZone,
      ...(begin === undefined ? {} : { from: begin }),
      ...(end === undefined ? {} : { to: end }),
    });
    return { startsAt: dateOf(instants.from), endsAt: dateOf(instants.to) };
  } catch (error) {
    if (error instanceof RangeError) return { startsAt: null, endsAt: null };
    throw error;
  }
}

function dateOf(instant: number): Date | null {
  return Number.isFinite(instant) ? new Date(instant) : null;
}

function textOf({ key, label }: { key: string; label: string }, body: object): string {
  return searchable([label, key, ...stringsOf(body)].join('\n'))
    .slice(0, MAX_TEXT)
    .toWellFormed();
}

/** White space as one blank, on both sides of a comparison, so that a search finds words across a line break. */
export function searchable(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsOf);
  return isObject(value) ? Object.values(value).flatMap(stringsOf) : [];
}

/** Every object below a value that is a member of this name. */
function membersNamed(value: unknown, name: string): object[] {
  if (Array.isArray(value)) return value.flatMap((element) => membersNamed(element, name));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, below]) => [
    ...(key === name && isObject(below) ? [below] : []),
    ...membersNamed(below, name),
  ]);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : [];
}

function member(value: object, name: string): unknown {
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
