import { formatRef } from '#contracts';
import type { KindOf, PinnedBody, PlanGate, PlanInput, PlanNote } from './plan.js';
import { FieldProblem } from '../graphql/problems.js';
import { unseen, type Unseen } from './unseen.js';

/** Parts of what the release lands that no visitor can ever see, by a slip. */
export function unseenGates(input: PlanInput, kindOf: KindOf): PlanGate[] {
  return unseenParts(input, kindOf).flatMap(([pinned, { code, path, message, severity }]) => {
    if (severity === 'WARNING' || (code !== 'UNKNOWN_SITE' && code !== 'SITE_OUT_OF_SCOPE')) return [];
    return [{ code, ...about(pinned, path, message), problem: new FieldProblem(path, code, message) }];
  });
}

/** Parts of what the release lands that no visitor will see as things are. */
export function unseenNotes(input: PlanInput, kindOf: KindOf): PlanNote[] {
  return unseenParts(input, kindOf).flatMap(([pinned, { code, path, message, severity }]) =>
    severity === 'ERROR' || code === 'UNKNOWN_SITE' ? [] : [{ code, ...about(pinned, path, message) }],
  );
}

function unseenParts(input: PlanInput, kindOf: KindOf): [PinnedBody, Unseen][] {
  const { environment, sites, clientKeys = [], now } = input;
  return input.items.flatMap(({ pinned }) => {
    if (!pinned) return [];
    const kind = kindOf(pinned.ref.kind);
    // What the kind itself refuses is another gate's to say, and may not be read here.
    if (!kind.placements || !kind.parse(pinned.body).ok) return [];
    const found = kind
      .placements(pinned.body)
      .flatMap((placement) => unseen(pinned.ref, placement, { environment, sites, clientKeys }, now));
    return found.map((one): [PinnedBody, Unseen] => [pinned, one]);
  });
}

function about({ documentId, ref }: PinnedBody, path: string, message: string) {
  return { documentId, path, message: `${formatRef(ref)} ${path}: ${message}`, concerns: [{ documentId, ref }] };
}
