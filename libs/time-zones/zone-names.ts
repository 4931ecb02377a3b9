import { IANAZone } from 'luxon';

/**
 * Whether a name is one of the IANA database, in its own spelling: `Europe/London`, `UTC`, `EST5EDT`. Intl accepts
 * more. Offsets such as `+02:00` have no rules for summer time, and abbreviations surprise: Intl takes `BST` for Bangladesh.
 */
export function isTimeZone(name: string): boolean {
  if (known.has(name)) return true;
  const valid = (WITHOUT_AREA.has(name) || WITH_AREA.test(name)) && IANAZone.isValidZone(name);
  if (valid) known.add(name);
  return valid;
}

/**
 * The IANA name of a zone that earlier versions accepted and {@link isTimeZone} does not: `utc` is `UTC`, an abbreviation
 * what Intl takes it for, and `+02:00` is `Etc/GMT-2` (POSIX counts westwards). Any other name comes back as it is.
 */
export function namedZone(name: string): string {
  if (isTimeZone(name)) return name;
  const [, sign, hours] = /^([+-])(\d{2}):?00$/.exec(name) ?? [];
  if (hours !== undefined) return Number(hours) === 0 ? 'UTC' : `Etc/GMT${sign === '+' ? '-' : '+'}${Number(hours)}`;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return name;
  }
}

/** Asking Intl whether a zone exists takes half a millisecond. There are some six hundred names. */
const known = new Set<string>();

const WITH_AREA = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)+$/;

/** Names of the IANA database without an area. Only a list distinguishes them from the abbreviations that Intl accepts. */
const WITHOUT_AREA: ReadonlySet<string> = new Set([
  ...['UTC', 'UCT', 'Universal', 'Zulu', 'GMT', 'GMT0', 'GMT+0', 'GMT-0', 'Greenwich'],
  ...['EST', 'MST', 'HST', 'EST5EDT', 'CST6CDT', 'MST7MDT', 'PST8PDT', 'WET', 'CET', 'MET', 'EET'],
  ...[
    'Cuba',
    'Egypt',
    'Eire',
    'GB',
    'GB-Eire',
    'Hongkong',
    'Iceland',
    'Iran',
    'Israel',
    'Jamaica',
    'Japan',
    'Kwajalein',
    'Libya',
  ],
  ...['NZ', 'NZ-CHAT', 'Navajo', 'PRC', 'Poland', 'Portugal', 'ROC', 'ROK', 'Singapore', 'Turkey', 'W-SU'],
]);
