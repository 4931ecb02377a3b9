import {
  isPrice,
  type MarketChange,
  type OddsChange,
  type RunnerChange,
  runnerKey,
  type Thousandths,
} from '@paddock/contracts';
import { ID_RULE, isRunnerId, isSourceId, RUNNER_ID_RULE } from './source-values.js';

/** The part of a change that may be written, and why the rest may not. */
export interface CheckedChange {
  readonly change: OddsChange | undefined;
  readonly problems: readonly string[];
}

/**
 * The border of every feed: consumers may rely on every change that passes. A change without usable ids is refused. A
 * market with an unusable runner is suspended instead of reported, because the change may have been meant to replace the
 * current price.
 */
export function checkChange(change: OddsChange): CheckedChange {
  if (!('event' in change)) return { change, problems: [] };
  const ids = 'market' in change ? [change.event, change.market] : [change.event];
  if (!ids.every(isSourceId)) return { change: undefined, problems: [ID_RULE] };
  if (change.type !== 'market') return { change, problems: [] };
  const problems = runnerProblems(change.runners ?? []);
  return problems.length === 0 ? { change, problems } : { change: suspended(change), problems };
}

/** The same market without what was said of its prices. */
function suspended({
  runners: _runners,
  definition: _definition,
  img: _img,
  status,
  ...rest
}: MarketChange): MarketChange {
  return { ...rest, status: status === undefined || status === 'OPEN' ? 'SUSPENDED' : status };
}

function runnerProblems(runners: readonly RunnerChange[]): string[] {
  const problems = new Set<string>();
  const keys = new Set<string>();
  for (const runner of runners) {
    const key = runnerKey(runner);
    if (keys.has(key)) problems.add(`runner ${key.slice(0, 60)} is there twice`);
    keys.add(key);
    if (!isRunnerId(runner.id)) problems.add(RUNNER_ID_RULE);
    if (![runner.p, runner.lay, runner.ltp, runner.sp].every(isPriceOrNone))
      problems.add('prices must be above 1.0 and at most 100,000');
  }
  return [...problems];
}

function isPriceOrNone(price: Thousandths | null | undefined): boolean {
  return price === undefined || price === null || isPrice(price);
}
