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

/** Asking Intl whether a zone exists takes half a millisecond. There are some six hundred names. */
const known = new Set<string>();

const WITH_AREA = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)+$/;

/** Names of the IANA database without an area. Nothing else tells them from the abbreviations that Intl accepts. */
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
