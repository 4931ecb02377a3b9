import { isWellFormedLocale, jurisdictionMistake, type Visitor } from '@paddock/audience';
import { type Device, DEVICES, KEY_PATTERN, MAX_KEY_LENGTH, type SiteSettings } from '@paddock/contracts';
import type { Access } from './client-access.js';
import { invalidParameters, Problem, quote, type RequestMistake } from './problem.js';

/** Longest request target that is parsed. */
export const MAX_URL_LENGTH = 2_048;
const MAX_SEGMENTS = 50;
const MAX_VISITOR_LENGTH = 128;

const LAYOUT_PATH = /^\/v1\/([^/?]*)\/sites\/([^/?]*)\/layouts\/([^/?]*)\/?(?:\?(.*))?$/;

/** What a layout URL names. */
export interface LayoutUrl {
  environment: string;
  site: string;
  page: string;
  query: string;
}

/**
 * Takes a layout URL apart; `undefined` where the path is another.
 * @throws Problem 400 for broken percent-encoding
 */
export function parseLayoutUrl(url: string): LayoutUrl | undefined {
  const [, environment, site, page, query] = LAYOUT_PATH.exec(url) ?? [];
  if (environment === undefined || site === undefined || page === undefined) return undefined;
  return { environment: decodePath(environment), site: decodePath(site), page: decodePath(page), query: query ?? '' };
}

/** The parameters that describe a visitor. */
export interface VisitorClaims {
  locale?: string;
  jurisdiction?: string;
  device?: Device;
  segments: ReadonlySet<string>;
  visitor?: string;
}

/** Written as a visitor may send it, before it was checked. */
export type UncheckedClaims = ReadonlyMap<string, string>;

export const CLAIMS = ['locale', 'jurisdiction', 'device', 'segments', 'visitor'] as const;
type Claim = (typeof CLAIMS)[number];

/** @throws Problem 400 naming every parameter that is unknown, given twice or not well-formed */
export function parseQuery(query: string): VisitorClaims {
  const given = new Map<string, string>();
  const mistakes: RequestMistake[] = [];
  for (const pair of query === '' ? [] : query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const rawName = equals < 0 ? pair : pair.slice(0, equals);
    const rawValue = equals < 0 ? '' : pair.slice(equals + 1);
    // A name that cannot be decoded is no parameter as it is.
    const name = decodeQuery(rawName) ?? rawName;
    const value = decodeQuery(rawValue);
    if (given.has(name)) mistakes.push({ field: shortName(name), message: 'is given twice' });
    if (value === undefined)
      mistakes.push({ field: shortName(name), message: `${quote(rawValue)} is not percent-encoded UTF-8` });
    given.set(name, value ?? '');
  }
  return checkClaims(given, mistakes);
}

/**
 * Checks the parameters of a visitor. An empty value counts as absent.
 * @throws Problem 400 with every mistake
 */
export function checkClaims(given: UncheckedClaims, mistakes: RequestMistake[] = []): VisitorClaims {
  for (const name of given.keys()) {
    if (!isClaim(name))
      mistakes.push({ field: shortName(name), message: `is not a parameter; expected ${CLAIMS.join(', ')}` });
  }
  const value = (name: Claim): string | undefined => given.get(name) || undefined;
  const check = (name: Claim, good: boolean, expected: string): void => {
    if (!good) mistakes.push({ field: name, message: `${quote(given.get(name) ?? '')} is not ${expected}` });
  };
  const locale = value('locale');
  const jurisdiction = value('jurisdiction');
  const visitor = value('visitor');
  const device = DEVICES.find((known) => known === value('device'));
  const segments = new Set(value('segments')?.split(','));
  check('locale', locale === undefined || isKnownLocale(locale), 'a BCP 47 tag such as en-GB');
  const foreign = jurisdiction === undefined ? undefined : jurisdictionMistake(jurisdiction);
  if (foreign !== undefined) mistakes.push({ field: 'jurisdiction', message: foreign });
  check('device', value('device') === undefined || device !== undefined, `one of ${DEVICES.join(', ')}`);
  check(
    'segments',
    segments.size <= MAX_SEGMENTS && [...segments].every(isKey),
    `a list of at most ${MAX_SEGMENTS} keys of at most ${MAX_KEY_LENGTH} characters, joined by commas`,
  );
  check(
    'visitor',
    visitor === undefined || isVisitorId(visitor),
    `an id of at most ${MAX_VISITOR_LENGTH} printable ASCII characters`,
  );
  if (mistakes.length > 0) throw invalidParameters(mistakes);
  return {
    segments,
    ...(locale ? { locale } : {}),
    ...(jurisdiction ? { jurisdiction } : {}),
    ...(device ? { device } : {}),
    ...(visitor ? { visitor } : {}),
  };
}

/**
 * Who asks, as audiences see it. What a client key says of the jurisdiction is not for the visitor to overrule: rules
 * protect people by it.
 */
export function visitorOf({ key }: Access, site: SiteSettings, claims: VisitorClaims): Visitor {
  return {
    site: site.key,
    jurisdiction: key?.jurisdiction ?? claims.jurisdiction ?? site.jurisdiction,
    locale: claims.locale ?? site.locale,
    ...(claims.device ? { device: claims.device } : {}),
    segments: claims.segments,
    ...(claims.visitor ? { id: claims.visitor } : {}),
  };
}

const locales = new Map<string, boolean>();
const MAX_LOCALES = 1_000;

/** Frontends send few different locales, and asking `Intl` costs as much as all the rest of a request. */
function isKnownLocale(locale: string): boolean {
  let known = locales.get(locale);
  if (known === undefined) {
    known = isWellFormedLocale(locale);
    if (locales.size < MAX_LOCALES) locales.set(locale, known);
  }
  return known;
}

function isClaim(name: string): name is Claim {
  return CLAIMS.some((claim) => claim === name);
}

function isKey(text: string): boolean {
  return text.length <= MAX_KEY_LENGTH && KEY_PATTERN.test(text);
}

function isVisitorId(text: string): boolean {
  return text.length <= MAX_VISITOR_LENGTH && /^[\x21-\x7e]+$/.test(text);
}

function shortName(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name;
}

function decodePath(text: string): string {
  const decoded = decode(text);
  if (decoded === undefined)
    throw new Problem(400, 'MALFORMED_URL', `the path has an invalid percent-encoding: ${quote(text)}`);
  return decoded;
}

function decodeQuery(text: string): string | undefined {
  return decode(text.replaceAll('+', ' '));
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
