import type { KindOf, PlanInput } from './plan.js';

/** The freeze windows that are open at the moment of a plan. */
export function openFreezes({ freezes, now }: PlanInput): PlanInput['freezes'] {
  return freezes.filter(({ startsAt, endsAt }) => startsAt <= now && now < endsAt);
}

/**
 * Whether every visitor sees at most what they see now. Such a release passes freeze windows: a removal cannot wait
 * for the end of one. The kind of each of its documents must confirm it.
 */
export function onlyHides({ items }: PlanInput, kindOf: KindOf): boolean {
  return (
    items.length > 0 &&
    items.every(({ ref, live, pinned }) => kindOf(ref.kind).onlyHides?.(live?.body, pinned?.body) ?? false)
  );
}
