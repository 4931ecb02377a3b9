import { jurisdictionMistake } from './jurisdictions.js';
import { quote } from './targeting-problem.js';

const MAX_LENGTH = 100;

const NAMES_OF = {
  language: new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }),
  region: new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }),
};

/** Subtags for an unknown language, or for no language. No visitor asks for one. */
const NO_LANGUAGE: ReadonlySet<string> = new Set(['und', 'mis', 'mul', 'zxx']);

/**
 * A well-formed BCP 47 language tag of at most 100 characters. What visitors' software sends is held to this alone: it
 * may use subtags that are newer than our lists.
 */
export function isWellFormedLocale(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false; // the only way in which Intl says that a tag is malformed
  }
}

/** A well-formed BCP 47 tag whose language is registered, and whose region, if it has one, is assigned. */
export function isLocale(text: string): boolean {
  return localeMistake(text) === undefined;
}

/** Why a text is no {@link isLocale}, with the tag that was probably meant. `undefined` where it is one. */
export function localeMistake(text: string): string | undefined {
  const expected = `${quote(text)} is not a BCP 47 tag with a registered language and an assigned region, such as en or en-GB`;
  if (!isWellFormedLocale(text)) {
    const hyphenated = text.replaceAll('_', '-');
    return hyphenated !== text && isLocale(hyphenated) ? `${expected}; write ${hyphenated}` : expected;
  }
  const locale = new Intl.Locale(text);
  if (!isRegistered(locale.language)) return `${expected}; there is no language ${quote(text.split('-')[0] ?? '')}`;
  const region = regionOf(text);
  if (region === undefined || isAssigned(region)) return undefined;
  const meant = locale.region !== undefined && locale.region !== region && isAssigned(locale.region);
  return meant ? `${expected}; write ${locale.toString()}` : `${expected}; there is no region ${quote(region)}`;
}

/** Engines differ in what they call the language of `und`: nothing, or `und`. */
function isRegistered(language: string | undefined): boolean {
  return !!language && !NO_LANGUAGE.has(language) && NAMES_OF.language.of(language) !== undefined;
}

/** The region as it was written, in upper case: Intl replaces some that are not assigned by the ones that were meant. */
function regionOf(text: string): string | undefined {
  for (const subtag of text.split('-').slice(1)) {
    if (subtag.length === 1) return undefined; // what follows are extensions
    if (/^(?:[a-z]{2}|\d{3})$/i.test(subtag)) return subtag.toUpperCase();
  }
  return undefined;
}

/** A country of ISO 3166-1, or a larger region of UN M.49, such as 419 for Latin America. */
function isAssigned(region: string): boolean {
  return /^\d/.test(region) ? NAMES_OF.region.of(region) !== undefined : jurisdictionMistake(region) === undefined;
}
