import type { Audience } from '@paddock/contracts';
import { murmur3 } from './murmur3.js';
import type { Visitor } from './visitor.js';

/** Says whether a visitor belongs to an audience. Allocates nothing, so it may run for every item of every request. */
export type AudiencePredicate = (visitor: Visitor) => boolean;

const everyVisitor: AudiencePredicate = () => true;

/**
 * Compiles an audience once, to be asked often. Every field that is present must hold, and a list holds where one of
 * its members does; values are compared exactly, locales by RFC 4647 basic filtering.
 *
 * @param salt names what is being shown (a document), so that two promos at 10 % each reach different visitors
 */
export function compileAudience(audience: Audience | undefined, salt: string): AudiencePredicate {
  const tests = audience ? testsOf(audience, salt) : [];
  const [first, second] = tests;
  if (!first) return everyVisitor;
  if (!second) return first;
  return (visitor) => {
    for (let i = 0; i < tests.length; i += 1) if (!tests[i]?.(visitor)) return false;
    return true;
  };
}

/** The tests of the present fields, the cheapest first. */
function testsOf(audience: Audience, salt: string): AudiencePredicate[] {
  const { sites, jurisdictions, locales, devices, segments, percentage } = audience;
  const tests: AudiencePredicate[] = [];
  if (sites) {
    const allowed = new Set(sites);
    tests.push((visitor) => allowed.has(visitor.site));
  }
  if (jurisdictions) {
    const allowed = new Set(jurisdictions);
    tests.push((visitor) => allowed.has(visitor.jurisdiction));
  }
  if (devices) {
    const allowed = new Set(devices);
    tests.push(({ device }) => device !== undefined && allowed.has(device));
  }
  if (locales) tests.push(inOneOf(locales));
  if (segments) tests.push(holdsOneOf(segments));
  if (percentage !== undefined) tests.push(withinShare(percentage, salt));
  return tests;
}

function inOneOf(locales: readonly string[]): AudiencePredicate {
  const ranges = locales.map((locale) => locale.toLowerCase());
  return ({ locale }) => {
    if (locale === undefined) return false;
    for (let i = 0; i < ranges.length; i += 1) if (inRange(locale, ranges[i] ?? '')) return true;
    return false;
  };
}

const HYPHEN = 0x2d;

/** RFC 4647, 3.3.1: the range equals the tag, or a prefix of it that ends before a hyphen, whatever the case. */
function inRange(locale: string, lowerCaseRange: string): boolean {
  if (locale.length < lowerCaseRange.length) return false;
  if (locale.length > lowerCaseRange.length && locale.charCodeAt(lowerCaseRange.length) !== HYPHEN) return false;
  for (let i = 0; i < lowerCaseRange.length; i += 1) {
    if (lowerCaseCode(locale.charCodeAt(i)) !== lowerCaseRange.charCodeAt(i)) return false;
  }
  return true;
}

function lowerCaseCode(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

function holdsOneOf(segments: readonly string[]): AudiencePredicate {
  return (visitor) => {
    for (let i = 0; i < segments.length; i += 1) if (visitor.segments.has(segments[i] ?? '')) return true;
    return false;
  };
}

/** Visitors are dealt into this many shares, so the finest percentage is 0.01. */
const SHARES = 10_000;

/**
 * A visitor's share number depends on salt and id alone and shows the document when it lies below the percentage:
 * stable from visit to visit, and raising the percentage only ever adds visitors.
 */
function withinShare(percentage: number, salt: string): AudiencePredicate {
  const shown = Math.round(percentage * (SHARES / 100));
  if (shown >= SHARES) return everyVisitor;
  const seed = murmur3(salt, 0);
  return ({ id }) => id !== undefined && (murmur3(id, seed) * SHARES) / 0x1_0000_0000 < shown;
}
