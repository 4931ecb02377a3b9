import { formatRef } from '#contracts';
import { onlyHides, openFreezes } from './freezes.js';
import { changesWhatIsLive, type KindOf, type PlanInput, type PlanNote } from './plan.js';
import { unseenNotes } from './unseen-parts.js';

/** What an operator should know before a publish, and what holds up nothing. */
export function findNotes(input: PlanInput, kindOf: KindOf): PlanNote[] {
  return [...unchanged(input), ...passedFreezes(input, kindOf), ...unseenNotes(input, kindOf), ...(input.notes ?? [])];
}

/** Documents that the release leaves as they are. Where it does so with all of them, a gate says that. */
function unchanged({ items }: PlanInput): PlanNote[] {
  if (!items.some(changesWhatIsLive)) return [];
  return items.flatMap((item) => {
    if (item.op === 'REMOVE' || changesWhatIsLive(item)) return [];
    const { documentId, ref } = item;
    const message = `${formatRef(ref)} would stay as it is: what the release pins is live already`;
    return [{ code: 'UNCHANGED', message, documentId, path: null, concerns: [{ documentId, ref }] }] as const;
  });
}

function passedFreezes(input: PlanInput, kindOf: KindOf): PlanNote[] {
  if (input.type !== 'FORWARD' || !onlyHides(input, kindOf)) return [];
  return openFreezes(input).map(({ endsAt, reason }) => ({
    code: 'FREEZE_PASSED',
    message: `frozen until ${endsAt.toISOString()} (${reason}); this release passes, because it only hides markets`,
    documentId: null,
    path: null,
    concerns: [],
  }));
}
