import type { WindowEnds } from '@paddock/metrics';
import { integers } from './cell-sql.js';

/**
 * SQL of the end of the window that begins at `begin`, both in milliseconds; for instants that the time zone rules
 * cover.
 */
export function windowEndSql(begin: string, ends: readonly WindowEnds[]): string {
  const [only, ...others] = ends;
  if (only?.afterMs !== undefined && others.length === 0) return `${begin} + ${only.afterMs}`;
  const froms = integers(ends.map(({ from }) => from));
  const choose = (values: readonly number[]): string =>
    `transform(roundDown(toInt64(${begin}), ${froms}), ${froms}, ${integers(values)})`;
  const later = choose(ends.map(({ afterMs, at = 0 }) => afterMs ?? at));
  return ends.every(({ at }) => at === undefined)
    ? `${begin} + ${later}`
    : `${begin} * ${choose(ends.map(({ at }) => (at === undefined ? 1 : 0)))} + ${later}`;
}
