import { describe, expect, it } from 'vitest';
import { applyMapping, type Conversion, type RepairStep } from './mapping.js';

describe('a mapping', () => {
  it.each<[RepairStep, object, object]>([
    [{ rename: { from: 'a', to: 'b.c' } }, { a: 1, b: { d: 2 } }, { b: { c: 1, d: 2 } }],
    [{ rename: { from: 'none', to: 'b' } }, { a: 1 }, { a: 1 }],
    [{ set: { field: 'a.b', value: null } }, { a: 'text' }, { a: { b: null } }],
    [{ drop: { field: 'a.b' } }, { a: { b: 1, c: 2 } }, { a: { c: 2 } }],
    [{ drop: { field: 'a.b.c' } }, { a: 1 }, { a: 1 }],
  ])('%j', (step, event, expected) => {
    const before = structuredClone(event);
    expect(applyMapping({ ...event }, [step])).toEqual(expected);
    expect(event).toEqual(before);
  });

  it.each<[Conversion, unknown, unknown]>([
    ['TEXT', 12.5, '12.5'],
    ['NUMBER', ' 12.50 ', 12.5],
    ['NUMBER', '0x10', '0x10'],
    ['INTEGER', '7.6', 8],
    ['FLAG', 'Yes', true],
    ['FLAG', 0, false],
    ['FLAG', 'perhaps', 'perhaps'],
    ['TIME', 1_767_600_000, '2026-01-05T08:00:00.000Z'],
    ['TIME', '1767600000000', '2026-01-05T08:00:00.000Z'],
    ['TIME', '5 Jan 2026 08:00 UTC', '2026-01-05T08:00:00.000Z'],
    ['TIME', 'soon', 'soon'],
    ['TIME', '2026-01-05 08:00:00+02:00', '2026-01-05T06:00:00.000Z'],
    ['TIME', 'Mon, 5 Jan 2026 08:00:00 +0100', '2026-01-05T07:00:00.000Z'],
    // A date or hour that does not exist, or a missing offset, is not guessed.
    ['TIME', '2026-02-30T10:00:00Z', '2026-02-30T10:00:00Z'],
    ['TIME', '30 Feb 2026 08:00 UTC', '30 Feb 2026 08:00 UTC'],
    ['TIME', '2026-01-05T24:00:00Z', '2026-01-05T24:00:00Z'],
    ['TIME', '2026-01-05 08:00:00', '2026-01-05 08:00:00'],
    ['TIME', '2026-01-05', '2026-01-05'],
  ])('converts to %s: %j becomes %j', (to, value, expected) => {
    expect(applyMapping({ a: value }, [{ convert: { field: 'a', to } }])).toEqual({ a: expected });
  });
});
