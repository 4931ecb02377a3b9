import type { AdoptionBody, AdoptionFilter } from '@paddock/contracts';

/**
 * Whether two mappings of the same table may both be live. Not if a row could become two documents of one kind, not if
 * both would write the same rows, and not if one follows a table that the other writes.
 */
export function mayShareTable(one: AdoptionBody, other: AdoptionBody): boolean {
  if (one.mode === 'RETIRED' || other.mode === 'RETIRED') return true;
  const modes = [one.mode, other.mode];
  if (modes.includes('WRITE_BACK') && modes.includes('MIRROR')) return false;
  if (areDisjoint(one.where ?? [], other.where ?? [])) return true;
  const bothWrite = one.mode === 'WRITE_BACK' && other.mode === 'WRITE_BACK';
  return !bothWrite && one.documents.kind !== other.documents.kind;
}

/** True only if certainly no row meets both conditions; an undecidable pair counts as overlapping. */
function areDisjoint(one: readonly AdoptionFilter[], other: readonly AdoptionFilter[]): boolean {
  return one.some((mine) =>
    other.some((theirs) => mine.column === theirs.column && (excludes(mine, theirs) || excludes(theirs, mine))),
  );
}

function excludes(one: AdoptionFilter, other: AdoptionFilter): boolean {
  // Most collations take `Home`, `home` and `hóme` for the same.
  const values = ({ values: listed = [] }: AdoptionFilter) =>
    new Set(listed.map((value) => value.trim().toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '')));
  if (one.operator === 'IS_NULL') return other.operator === 'IS_NOT_NULL' || other.operator === 'IN';
  if (one.operator !== 'IN') return false;
  if (other.operator === 'IN') return [...values(one)].every((value) => !values(other).has(value));
  // Other collations distinguish them: only equal spellings are certainly excluded.
  return other.operator === 'NOT_IN' && (one.values ?? []).every((value) => other.values?.includes(value));
}
