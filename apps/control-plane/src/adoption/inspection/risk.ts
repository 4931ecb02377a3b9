import type { AdoptionFilter, AdoptionJoin } from '@paddock/contracts';

export const RISK_EFFECTS = ['MIXED', 'LOST', 'EXPOSED'] as const;
/** What would happen to the rows: shown together with others that they do not belong to, not taken, or seen by people who may not see them. */
export type RiskEffect = (typeof RISK_EFFECTS)[number];

export const RISK_CODES = [
  'PASSWORD_PROTECTED',
  'RESTRICTED',
  'ADMIN_ONLY',
  'UNKNOWN_ACCESS',
  'SECRET_COLUMN',
  'SECRET_SETTING',
  'SECRET_VALUE',
  'UNKNOWN_STATE',
  'OTHER_STATE',
  'DELETED',
  'NOT_PUBLISHED',
  'HIDDEN_GROUP',
  'OTHER_LANGUAGE',
  'OTHER_SHOP',
  'OTHER_TYPE',
  'NO_TEXT',
  'OTHER_DATE',
  'DOES_NOT_FIT',
  'SHORT_CODE',
  'LEFT_OUT_OF_TEXT',
  'GROUP_CUT',
  'SEVERAL_PARTNERS',
  'STRUCTURED_VALUE',
  'SEVERAL_TYPES',
] as const;
export type RiskCode = (typeof RISK_CODES)[number];

/** An effect of a mapping on rows that a person should check first. Holds no value of a row except its name. */
export interface Risk {
  code: RiskCode;
  effect: RiskEffect;
  /** The mapping leaves these rows or values out already. */
  avoided: boolean;
  table: string;
  column: string | null;
  /** How many rows. */
  count: number;
  /** What names some of them. */
  keys: string[][];
  what: string;
}

/** A risk whose rows are still to be counted. */
export interface RiskQuestion extends Omit<Risk, 'count' | 'keys' | 'what'> {
  /** The rows of `table` that meet all of these, and of those the ones without a partner in `without`. */
  where: readonly AdoptionFilter[];
  without?: AdoptionJoin;
  /** Where only the sample can say it: rows that were counted there. */
  sampled?: number;
  say(rows: string): string;
}

export function rowsInWords(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}
