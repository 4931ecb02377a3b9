import { describe, expect, it } from 'vitest';
import type { DocumentRef } from '@paddock/contracts';
import type { PlanGate } from './plan.js';
import { gatesForReader, HIDDEN_GATE } from './plan-for-reader.js';

const PROMO = { documentId: 'p1', ref: { kind: 'promo', site: 'acme-uk', key: 'summer' } } as const;
const LAYOUT = { documentId: 'l1', ref: { kind: 'layout', site: '*', key: 'home' } } as const;
const gate = (code: PlanGate['code'], concerns: PlanGate['concerns'], path: string | null = null): PlanGate => {
  return {
    code,
    message: `about ${concerns.map(({ ref }) => ref.key).join(' and ')}`,
    documentId: concerns[0]?.documentId ?? null,
    path,
    concerns,
  };
};
const reads = (...kinds: string[]) => ({ document: ({ kind }: DocumentRef) => kinds.includes(kind) });

describe('gates as one reader may see them', () => {
  it('stay as they are where all that they name may be read', () => {
    const gates = [gate('BROKEN_REFERENCE', [LAYOUT, PROMO]), gate('EMPTY_RELEASE', [])];
    expect(gatesForReader(gates, reads('promo', 'layout'))).toEqual(gates);
  });

  it('keep their code and the document that may be read, and say nothing of the other', () => {
    const [shown] = gatesForReader([gate('INVALID_BODY', [PROMO, LAYOUT], 'props')], reads('promo'));
    expect(shown).toEqual({
      code: 'INVALID_BODY',
      message: HIDDEN_GATE,
      documentId: 'p1',
      path: 'props',
      concerns: [],
    });
  });

  it('name no document that may not be read, and are said once however many there are', () => {
    const hidden = [gate('BROKEN_REFERENCE', [LAYOUT], 'slots[0]'), gate('BROKEN_REFERENCE', [LAYOUT], 'slots[1]')];
    expect(gatesForReader(hidden, reads('promo'))).toEqual([
      { code: 'BROKEN_REFERENCE', message: HIDDEN_GATE, documentId: null, path: null, concerns: [] },
    ]);
  });
});
