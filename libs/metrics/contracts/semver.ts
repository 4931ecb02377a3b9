/** A version by Semantic Versioning 2.0.0 without pre-release and build parts: contracts are released, not rehearsed. */
export interface SemVer {
  major: number;
  minor: number;
  patch: number;
}

const PATTERN = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

/** Reads `1.20.3`; `undefined` for anything else. */
export function parseSemVer(text: string): SemVer | undefined {
  const [, major, minor, patch] = PATTERN.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** Negative when `a` is older than `b`, by precedence and not by text: `1.10.0` follows `1.9.0`. */
export function compareSemVer(a: SemVer, b: SemVer): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

type Bound = { operator: string; version: SemVer };
const RANGE_PART = /^(>=|<=|>|<|=)?(\d+)(?:\.(\d+))?(?:\.(\d+))?$/;

/** Reads a range like `>=2.1 <3`: parts joined by spaces, and all must hold; `undefined` where it is malformed. */
export function parseSemVerRange(text: string): ((version: SemVer) => boolean) | undefined {
  const bounds = text.trim().split(/\s+/).map(parseBound);
  if (!bounds.every((bound) => bound !== undefined)) return undefined;
  return (version) => bounds.every(({ operator, version: bound }) => holds(operator, compareSemVer(version, bound)));
}

function parseBound(part: string): Bound | undefined {
  const [, operator = '=', major, minor = '0', patch = '0'] = RANGE_PART.exec(part) ?? [];
  if (major === undefined) return undefined;
  return { operator, version: { major: Number(major), minor: Number(minor), patch: Number(patch) } };
}

function holds(operator: string, order: number): boolean {
  if (operator === '>=') return order >= 0;
  if (operator === '<=') return order <= 0;
  if (operator === '>') return order > 0;
  if (operator === '<') return order < 0;
  return order === 0;
}
