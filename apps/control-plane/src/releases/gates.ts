import { ALL_SITES, formatRef } from '#contracts';
import type { NamedReference } from '../documents/config-kind.js';
import { FieldProblem } from '../graphql/problems.js';
import { StateView } from './after-state.js';
import { onlyHides, openFreezes } from './freezes.js';
import {
  changesWhatIsLive,
  type GateCode,
  type KindOf,
  type NamedDocument,
  type PinnedBody,
  type PlanGate,
  type PlanInput,
} from './plan.js';
import { unseenGates } from './unseen-parts.js';

/**
 * Every reason at once why a release may not land. A rollback goes back to what was approved before, so neither
 * today's rules for bodies, nor a freeze, nor a schedule holds it up; what would break a page does.
 */
export function findGates(input: PlanInput, kindOf: KindOf): PlanGate[] {
  const before = StateView.before(input);
  const after = StateView.after(input);
  const structural = [
    ...emptiness(input),
    ...references(input, before, after, kindOf),
    ...claims(after, input, kindOf),
  ];
  if (input.type !== 'FORWARD') return structural;
  return [
    ...structural,
    ...contradictions(after, input, kindOf),
    ...(input.observed ?? []),
    ...bodies(input, kindOf),
    ...changes(input, kindOf),
    ...unseenGates(input, kindOf),
    ...pins(input),
    ...freezes(input, kindOf),
    ...schedules(input),
  ];
}

/** @param concerns what the message names, the document that it is about first */
function gate(
  code: GateCode,
  message: string,
  concerns: readonly NamedDocument[] = [],
  path: string | null = null,
  problem?: FieldProblem,
): PlanGate {
  const named = concerns.map(({ documentId, ref }) => ({ documentId, ref }));
  const words = problem ? { problem } : {};
  return { code, message, documentId: named[0]?.documentId ?? null, path, concerns: named, ...words };
}

/** A release that would take a seq and wake every consumer for nothing. A removal of what is not live has its own gate. */
function emptiness({ items }: PlanInput): PlanGate[] {
  if (items.length === 0) return [gate('EMPTY_RELEASE', 'the release has no document')];
  if (items.some((item) => item.op === 'REMOVE' || changesWhatIsLive(item))) return [];
  const names = items.slice(0, 10).map(({ ref }) => formatRef(ref));
  const more = items.length > names.length ? ` and ${items.length - names.length} more` : '';
  return [
    gate('EMPTY_RELEASE', `the release changes nothing: ${names.join(', ')}${more} would stay as live now`, items),
  ];
}

function bodies(input: PlanInput, kindOf: KindOf): PlanGate[] {
  return input.items.flatMap(({ pinned }) => {
    if (!pinned) return [];
    const parsed = kindOf(pinned.ref.kind).parse(pinned.body);
    if (parsed.ok) return [];
    return parsed.problems.map((problem) =>
      gate(
        'INVALID_BODY',
        `${formatRef(pinned.ref)} ${problem.path}: ${problem.message}`,
        [pinned],
        problem.path,
        problem,
      ),
    );
  });
}

/** What a kind keeps from changing while it is live, and what it remembers of what was. */
function changes(input: PlanInput, kindOf: KindOf): PlanGate[] {
  return input.items.flatMap(({ pinned, live, landed = [] }) => {
    if (!pinned) return [];
    const kind = kindOf(pinned.ref.kind);
    const problems = [
      ...((live && kind.checkChange?.(live.body, pinned.body)) ?? []),
      ...(kind.checkHistory?.(landed, live?.body, pinned.body) ?? []),
    ];
    return problems.map((problem) => {
      const { path, message } = problem;
      return gate('INCOMPATIBLE_CHANGE', `${formatRef(pinned.ref)} ${path}: ${message}`, [pinned], path, problem);
    });
  });
}

/** References of what the release lands, and references to what it changes or removes. */
function references(input: PlanInput, before: StateView, after: StateView, kindOf: KindOf): PlanGate[] {
  const landing = input.items.flatMap((item) => (item.pinned ? [item.pinned] : []));
  const changed = new Set(input.items.map((item) => `${item.ref.kind}:${item.ref.key}`));
  const touched = (reference: NamedReference) => changed.has(`${reference.kind}:${reference.key}`);
  return [
    ...landing.flatMap((body) => brokenReferences(body, after, kindOf, () => true)),
    ...input.neighbours.flatMap((body) => {
      // Only what this release breaks: what was broken before it is not its fault.
      const known = new Set(brokenReferences(body, before, kindOf, touched).map((found) => found.message));
      return brokenReferences(body, after, kindOf, touched).filter((found) => !known.has(found.message));
    }),
  ];
}

function brokenReferences(
  from: PinnedBody,
  state: StateView,
  kindOf: KindOf,
  concerns: (reference: NamedReference) => boolean,
): PlanGate[] {
  const kind = kindOf(from.ref.kind);
  const named = kind.references(from.body).filter((reference) => 'key' in reference);
  const missing = named
    .filter((reference) => concerns(reference) && !state.resolve(from.ref.site, reference))
    .map((reference) => {
      const where = from.ref.site === ALL_SITES ? 'for all sites' : `on ${from.ref.site} or for all sites`;
      const { kind: target, key, path } = reference;
      const message = `${formatRef(from.ref)} ${path}: there is no live ${target} ${JSON.stringify(key)} ${where}`;
      const problem = new FieldProblem(
        path,
        'UNKNOWN_REFERENCE',
        `there is no ${target} ${JSON.stringify(key)} ${where}`,
      );
      return gate('BROKEN_REFERENCE', message, [from], path, problem);
    });
  // What a change breaks may lie several links away from it.
  const sees = kind.checkedByChain ? () => true : concerns;
  // A problem may tell what stands in any of the bodies that were looked at.
  const seen = new Map<string, PinnedBody>();
  const resolve = (reference: NamedReference) => {
    const target = sees(reference) ? state.resolve(from.ref.site, reference) : undefined;
    if (target) seen.set(target.documentId, target);
    return target?.body;
  };
  const unfit = kind
    .checkAgainst(from.body, resolve, from.ref.key)
    .map((problem) =>
      gate(
        'INVALID_BODY',
        `${formatRef(from.ref)} ${problem.path}: ${problem.message}`,
        [from, ...seen.values()],
        problem.path,
        problem,
      ),
    );
  return [...missing, ...unfit];
}

function claims(after: StateView, input: PlanInput, kindOf: KindOf): PlanGate[] {
  const landing = new Set(input.items.map((item) => item.documentId));
  const holders = new Map<string, PinnedBody[]>();
  const found: PlanGate[] = [];
  for (const body of after.bodies) {
    for (const claim of kindOf(body.ref.kind).reach(body.body).claims) {
      const name = `${body.ref.kind}/${body.ref.site}/${claim}`;
      const before = holders.get(name) ?? [];
      holders.set(name, [...before, body]);
      for (const holder of before) {
        if (!(landing.has(holder.documentId) || landing.has(body.documentId))) continue;
        if (kindOf(body.ref.kind).mayShare?.(holder.body, body.body)) continue;
        const [mine, theirs] = landing.has(body.documentId) ? [body, holder] : [holder, body];
        const what = kindOf(body.ref.kind).claimed?.(body.body, claim) ?? claim;
        found.push(
          gate(
            'DUPLICATE_CLAIM',
            `${formatRef(mine.ref)} and ${formatRef(theirs.ref)} both claim ${what}; only one may`,
            [mine, theirs],
          ),
        );
      }
    }
  }
  return found;
}

/** Documents that cannot both be meant, of which this release lands at least one. */
function contradictions(after: StateView, input: PlanInput, kindOf: KindOf): PlanGate[] {
  const landing = new Set(input.items.map((item) => item.documentId));
  const sharing = new Map<string, PinnedBody[]>();
  const found: PlanGate[] = [];
  for (const body of after.bodies) {
    const kind = kindOf(body.ref.kind);
    if (!kind.contradiction) continue;
    for (const claim of kind.reach(body.body).claims) {
      const name = `${body.ref.kind}/${claim}`;
      const before = sharing.get(name) ?? [];
      sharing.set(name, [...before, body]);
      for (const other of before) {
        if (!(landing.has(other.documentId) || landing.has(body.documentId))) continue;
        const message = kind.contradiction(other, body);
        if (message !== undefined)
          found.push(gate('CONTRADICTION', message, landing.has(body.documentId) ? [body, other] : [other, body]));
      }
    }
  }
  return found;
}

/** Pins that would silently undo a newer revision, and removals of what is not there. */
function pins(input: PlanInput): PlanGate[] {
  return input.items.flatMap((item) => {
    const { op, ref, pinned, live } = item;
    if (op === 'REMOVE')
      return live ? [] : [gate('NOT_LIVE', `${formatRef(ref)} is not live, so it cannot be removed`, [item])];
    if (!pinned || !live || pinned.revision >= live.revision) return [];
    const message = `${formatRef(ref)}: revision ${live.revision} is live since release ${live.seq}, newer than the pinned revision ${pinned.revision}`;
    return [gate('STALE_PIN', message, [item])];
  });
}

function freezes(input: PlanInput, kindOf: KindOf): PlanGate[] {
  if (onlyHides(input, kindOf)) return [];
  return openFreezes(input).map(({ endsAt, reason }) =>
    gate('FREEZE_WINDOW', `frozen until ${endsAt.toISOString()}: ${reason}`),
  );
}

/** A scheduled release that this one would turn stale must be dealt with first; a later pin simply follows. */
function schedules(input: PlanInput): PlanGate[] {
  return input.scheduled.flatMap((other) =>
    other.pins.flatMap((pin) => {
      const item = input.items.find((candidate) => candidate.documentId === pin.documentId);
      const mine = item?.pinned?.revision;
      if (!item || mine === undefined || pin.revision === null || pin.revision >= mine) return [];
      const message =
        `${formatRef(item.ref)}: release ${JSON.stringify(other.title)}, scheduled for ${other.at.toISOString()}, pins revision ` +
        `${pin.revision}, older than revision ${mine} of this one; cancel its schedule first`;
      return [gate('SCHEDULED_OVERLAP', message, [item])];
    }),
  );
}
