import { type Audience, DEVICES, KEY_PATTERN, MAX_KEY_LENGTH } from '@paddock/contracts';
import { jurisdictionMistake } from './jurisdictions.js';
import { localeMistake } from './locales.js';
import { quote, type TargetingProblem } from './targeting-problem.js';

/** How many members a list of an audience may have. */
export const MAX_AUDIENCE_LIST = 200;

interface MemberRule {
  /** What is wrong with a member; `undefined` where nothing is. */
  mistake: (member: string) => string | undefined;
  code: string;
  /** Two members that are the same under this are duplicates. */
  identity?: (member: string) => string;
}

const KEY_RULE: MemberRule = {
  mistake: (member) =>
    member.length <= MAX_KEY_LENGTH && KEY_PATTERN.test(member)
      ? undefined
      : `${quote(member)} is not a key: lower-case words joined by - _ or ., at most ${MAX_KEY_LENGTH} characters`,
  code: 'INVALID_KEY',
};

const RULES: Record<'sites' | 'jurisdictions' | 'locales' | 'devices' | 'segments', MemberRule> = {
  sites: KEY_RULE,
  jurisdictions: { mistake: jurisdictionMistake, code: 'INVALID_JURISDICTION' },
  locales: { mistake: localeMistake, code: 'INVALID_LOCALE', identity: (member) => member.toLowerCase() },
  devices: {
    mistake: (member) =>
      DEVICES.some((device) => device === member) ? undefined : `${quote(member)} is not one of ${DEVICES.join(', ')}`,
    code: 'UNKNOWN_DEVICE',
  },
  segments: KEY_RULE,
};

/** An audience with unchecked values. */
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
        message: 'an empty list would exclude every visitor; leave it out to exclude none',
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
    const mistake = rule.mistake(member);
    if (mistake !== undefined) return [{ path, code: rule.code, message: mistake }];
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
