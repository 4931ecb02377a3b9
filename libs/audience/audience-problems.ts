import { type Audience, DEVICES, KEY_PATTERN, MAX_KEY_LENGTH } from '#contracts';
import { quote, type TargetingProblem } from './targeting-problem.js';

/** How many members a list of an audience may have. */
export const MAX_AUDIENCE_LIST = 200;

interface MemberRule {
  isValid: (member: string) => boolean;
  code: string;
  expected: string;
  /** Two members that are the same under this are duplicates. */
  identity?: (member: string) => string;
}

const KEY_RULE: MemberRule = {
  isValid: (member) => member.length <= MAX_KEY_LENGTH && KEY_PATTERN.test(member),
  code: 'INVALID_KEY',
  expected: `a key: lower-case words joined by - _ or ., at most ${MAX_KEY_LENGTH} characters`,
};

const RULES: Record<'sites' | 'jurisdictions' | 'locales' | 'devices' | 'segments', MemberRule> = {
  sites: KEY_RULE,
  jurisdictions: {
    isValid: isJurisdiction,
    code: 'INVALID_JURISDICTION',
    expected: 'an ISO 3166 code in upper case, such as GB or US-NJ',
  },
  locales: {
    isValid: isLocale,
    code: 'INVALID_LOCALE',
    expected: 'a BCP 47 tag, such as en or en-GB',
    identity: (member) => member.toLowerCase(),
  },
  devices: {
    isValid: (member) => DEVICES.some((device) => device === member),
    code: 'UNKNOWN_DEVICE',
    expected: `one of ${DEVICES.join(', ')}`,
  },
  segments: KEY_RULE,
};

/** ISO 3166-1 alpha-2, or a subdivision of it by ISO 3166-2: `GB`, `US-NJ`. The form alone is checked. */
export function isJurisdiction(text: string): boolean {
  return /^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$/.test(text);
}

/** A well-formed BCP 47 language tag of at most 100 characters. */
export function isLocale(text: string): boolean {
  if (text.length > 100) return false;
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false; // the only way in which Intl says that a tag is malformed
  }
}

/** An audience of which nobody has checked the values yet. */
export type UncheckedAudience = Omit<Audience, 'devices'> & { devices?: string[] };

/** Every mistake in an audience. */
export function audienceProblems(audience: UncheckedAudience): TargetingProblem[] {
  const { percentage, ...lists } = audience;
  return [
    ...listProblems('sites', lists.sites),
    ...listProblems('jurisdictions', lists.jurisdictions),
    ...listProblems('locales', lists.locales),
    ...listProblems('devices', lists.devices),
    ...listProblems('segments', lists.segments),
    ...percentageProblems(percentage),
  ];
}

function listProblems(name: keyof typeof RULES, list: readonly string[] | undefined): TargetingProblem[] {
  if (list === undefined) return [];
  if (list.length === 0) {
    return [
      {
        path: name,
        code: 'EMPTY_LIST',
        message: 'an empty list would exclude everybody; leave it out to exclude nobody',
      },
    ];
  }
  if (list.length > MAX_AUDIENCE_LIST) {
    return [
      { path: name, code: 'TOO_MANY', message: `has ${list.length} members, at most ${MAX_AUDIENCE_LIST} are allowed` },
    ];
  }
  const rule = RULES[name];
  const seen = new Set<string>();
  return list.flatMap((member, index) => {
    const path = `${name}[${index}]`;
    if (!rule.isValid(member)) return [{ path, code: rule.code, message: `${quote(member)} is not ${rule.expected}` }];
    const identity = rule.identity?.(member) ?? member;
    if (seen.has(identity)) return [{ path, code: 'DUPLICATE', message: `${quote(member)} stands in the list twice` }];
    seen.add(identity);
    return [];
  });
}

function percentageProblems(percentage: number | undefined): TargetingProblem[] {
  if (percentage === undefined) return [];
  // Compared as written: 0.07 * 100 is not 7 in binary, but the nearest number to 0.07 prints as 0.07.
  const fine = percentage >= 0 && percentage <= 100 && /^\d+(?:\.\d{1,2})?$/.test(String(percentage));
  if (fine) return [];
  const message = `${percentage} is not a percentage; expected a number from 0 to 100 with at most two decimals`;
  return [{ path: 'percentage', code: 'INVALID_PERCENTAGE', message }];
}
