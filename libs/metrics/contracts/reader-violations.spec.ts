import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Json } from '@paddock/contracts';
import { describeWithData } from '@paddock/testing';
import { isObject, isSchema, type Schema } from './normalise-schema.js';
import { readerViolations } from './reader-violations.js';

describe('readerViolations', () => {
  const object = (properties: { [name: string]: Json }, more: { [keyword: string]: Json } = {}): Schema => ({
    type: 'object',
    properties,
    ...more,
  });

  it.each<[string, Schema, Schema, string, string]>([
    [
      'a field became required',
      object({ amount: { type: 'number' } }, { required: ['amount'] }),
      object({ amount: { type: 'number' } }),
      'FIELD_REQUIRED',
      'amount',
    ],
    [
      'a field changed its type',
      object({ amount: { type: 'string' } }),
      object({ amount: { type: 'number' } }),
      'TYPE_NARROWED',
      'amount',
    ],
    [
      'numbers became integers',
      object({ amount: { type: 'integer' } }),
      object({ amount: { type: 'number' } }),
      'TYPE_NARROWED',
      'amount',
    ],
    [
      'a limit was lowered',
      object({ amount: { type: 'number', maximum: 5 } }),
      object({ amount: { type: 'number', maximum: 9 } }),
      'VALUE_NARROWED',
      'amount',
    ],
    [
      'an enum lost a value',
      object({ sport: { enum: ['football'] } }),
      object({ sport: { enum: ['football', 'tennis'] } }),
      'VALUE_NARROWED',
      'sport',
    ],
    [
      'a nested field changed',
      object({ cart: object({ total: { type: 'string' } }) }),
      object({ cart: object({ total: { type: 'number' } }) }),
      'TYPE_NARROWED',
      'cart.total',
    ],
    [
      'an element changed',
      object({ legs: { type: 'array', items: { type: 'string' } } }),
      object({ legs: { type: 'array', items: {} } }),
      'TYPE_NARROWED',
      'legs[]',
    ],
    [
      'the reader allows no other fields',
      object({}, { additionalProperties: false }),
      object({ note: { type: 'string' } }),
      'FIELD_FORBIDDEN',
      'note',
    ],
    [
      'a reference has no target',
      object({ a: { $ref: '#/$defs/x' } }),
      object({ a: { type: 'string' } }),
      'NOT_COMPARABLE',
      'a',
    ],
  ])('%s', (_, reader, writer, code, field) => {
    expect(readerViolations(reader, writer, 'lenient')).toEqual(
      expect.arrayContaining([expect.objectContaining({ code, field })]),
    );
  });

  it('names every field that breaks, not only the first', () => {
    const reader = object({ a: { type: 'string' }, b: { type: 'string' } }, { required: ['c'] });
    const writer = object({ a: { type: 'number' }, b: { type: 'number' } });
    expect(readerViolations(reader, writer, 'lenient').map(({ field }) => field)).toEqual(['c', 'a', 'b']);
  });

  it('lets an optional field be declared where other fields were allowed, unless it is asked to be strict', () => {
    const reader = object({ amount: { type: 'number' }, currency: { type: 'string' } });
    const writer = object({ amount: { type: 'number' } });
    expect(readerViolations(reader, writer, 'lenient')).toEqual([]);
    expect(readerViolations(reader, writer, 'strict')).toMatchObject([{ code: 'TYPE_NARROWED', field: 'currency' }]);
  });

  it('ends on schemas that contain themselves', () => {
    const tree: Schema = {
      $ref: '#/$defs/node',
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    };
    expect(readerViolations(tree, structuredClone(tree), 'strict')).toEqual([]);
  });

  it('does not take equal references for equal schemas', () => {
    const withDefinition = (type: string): Schema => ({
      anyOf: [{ $ref: '#/$defs/x' }, { type: 'null' }],
      $defs: { x: { type } },
    });
    expect(readerViolations(withDefinition('string'), withDefinition('object'), 'strict')).not.toEqual([]);
  });
});

describeWithData(describe, 'Apicurio compatibility cases', 'analytics/oracles', (file) => {
  /** Where the sets of valid instances say otherwise than Apicurio's comparison of keywords; each has its witness below. */
  const OURS: Record<string, string> = {
    // Both schemas are empty: an array can never be a string.
    'Const/none': 'both',
    // `maxLength` holds for anything that is no string, and strings have their own branch: both accept everything.
    'Complex: anyOf 1/backward': 'both',
    // "1234567" fits exactly one branch of the original, and both branches of the update.
    'Complex: oneOf 1/backward': 'none',
  };

  it('decides 97 published cases as Apicurio does, but for three where the sets of instances say otherwise', () => {
    const cases = casesOf(JSON.parse(readFileSync(file('apicurio_compat_json.json'), 'utf8')));
    const decided = cases.map(({ id, original, updated }) => ({ id, compatibility: verdict(original, updated) }));
    const expected = cases.map(({ id, compatibility }) => ({
      id,
      compatibility: OURS[`${id}/${compatibility}`] ?? compatibility,
    }));
    expect(decided).toHaveLength(97);
    expect(decided).toEqual(expected);
  });

  function verdict(original: Schema, updated: Schema): string {
    const backward = readerViolations(updated, original, 'strict').length === 0;
    const forward = readerViolations(original, updated, 'strict').length === 0;
    if (backward && forward) return 'both';
    return backward ? 'backward' : forward ? 'forward' : 'none';
  }

  function casesOf(parsed: {
    tests: Json[];
  }): { id: string; compatibility: string; original: Schema; updated: Schema }[] {
    return parsed.tests.map((test) => {
      if (!isObject(test) || !isSchema(test['original']) || !isSchema(test['updated'])) throw new Error('not a case');
      return {
        id: String(test['id']),
        compatibility: String(test['compatibility']),
        original: test['original'],
        updated: test['updated'],
      };
    });
  }
});
