import type { DocumentRef } from '@paddock/contracts';
import { assessImpact } from './impact.js';
import type { KindOf, Plan, PlanGate, PlanInput } from './plan.js';

/** The rights of one reader in an environment. */
export interface PlanReader {
  document(ref: DocumentRef): boolean;
  site(key: string): boolean;
}

/** The text of a gate for readers who may not read all of its documents. */
export const HIDDEN_GATE = 'a document that you may not read stands against it; ask someone who may read it';

/**
 * A plan as one reader may see it: documents that they may not read are absent from diff, impact and overlaps, and no
 * gate names them. The plan still shows that the release is blocked. The hash stays: it names nothing.
 */
export function planForReader(plan: Plan, reader: PlanReader, kindOf: KindOf): Plan {
  const { input } = plan;
  const gates = gatesForReader(plan.gates, reader);
  // Notes block nothing, so they are left out where a gate would stay.
  const notes = plan.notes.filter(({ concerns }) => concerns.every(({ ref }) => reader.document(ref)));
  if ([...input.items, ...input.neighbours].every(({ ref }) => reader.document(ref))) return { ...plan, gates, notes };
  const seen = inputForReader(input, reader);
  const documents = new Set(seen.items.map(({ documentId }) => documentId));
  return {
    input: seen,
    hash: plan.hash,
    gates,
    notes,
    diff: plan.diff.filter(({ ref }) => reader.document(ref)),
    impact: assessImpact(seen, kindOf),
    overlaps: plan.overlaps.flatMap((overlap) => {
      const documentIds = overlap.documentIds.filter((id) => documents.has(id));
      return documentIds.length > 0 ? [{ ...overlap, documentIds }] : [];
    }),
  };
}

/** Gates without unreadable details: their code stays, and each such gate appears once. */
export function gatesForReader(gates: readonly PlanGate[], reader: Pick<PlanReader, 'document'>): PlanGate[] {
  const said = new Set<string>();
  return gates.flatMap((gate) => {
    const readable = gate.concerns.filter(({ ref }) => reader.document(ref));
    if (readable.length === gate.concerns.length) return [gate];
    const own = readable.some(({ documentId }) => documentId === gate.documentId);
    const [documentId, path] = own ? [gate.documentId, gate.path] : [null, null];
    const name = JSON.stringify([gate.code, documentId, path]);
    if (said.has(name)) return [];
    said.add(name);
    const { problem: _, ...shown } = gate;
    return [{ ...shown, message: HIDDEN_GATE, documentId, path, concerns: [] }];
  });
}

function inputForReader(input: PlanInput, reader: PlanReader): PlanInput {
  return {
    ...input,
    items: input.items.filter(({ ref }) => reader.document(ref)),
    neighbours: input.neighbours.filter(({ ref }) => reader.document(ref)),
    sites: input.sites.filter(({ key }) => reader.site(key)),
    scheduled: [],
    observed: [],
  };
}
