import type { KindOf, PlanInput } from './plan.js';

/** The freeze windows that are open at the moment of a plan. */
export function openFreezes({ freezes, now }: PlanInput): PlanInput['freezes'] {
  return freezes.filter(({ startsAt, endsAt }) => startsAt <= now && now < endsAt);
}

/**
 * Does a release leave every visitor with no more than they have now? Then it passes freeze windows: what must disappear
 * cannot wait for one to end. Each of its documents must be of a kind that says so.
 */
export function onlyHides({ items }: PlanInput, kindOf: KindOf): boolean {
  return (
    items.length > 0 &&
    items.every(({ ref, live, pinned }) => kindOf(ref.kind).onlyHides?.(live?.body, pinned?.body) ?? false)
  );
}
