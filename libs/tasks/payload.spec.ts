import { describe, expect, test } from 'vitest';
import { counter, ShapeError } from '@paddock/contracts';
import { fc } from '@paddock/testing';
import { boundedText, InvalidPayload, listOf, object, optional } from './payload.js';
import { heartbeatTask, receiptTask } from './receipt-tasks.js';

const read = object({
  name: boundedText(5),
  copies: counter,
  note: optional(boundedText(3)),
  parts: listOf(object({ size: counter }), 2),
});

describe('a description of a payload', () => {
  test('reads what it lists and leaves out the rest', () => {
    expect(read({ name: 'a', copies: 1, parts: [{ size: 3, colour: 'red' }], more: true }, '')).toEqual({
      ...{ name: 'a', copies: 1, parts: [{ size: 3 }] },
    });
  });

  test('reports every mistake with its path', () => {
    const mistakes = (value: unknown): string[] => {
      try {
        read(value, '');
        return [];
      } catch (error) {
        return error instanceof InvalidPayload ? error.mistakes.map(({ message }) => message) : [String(error)];
      }
    };
    expect(mistakes({ name: '', note: 7, parts: [{ size: 1 }, { size: 'x' }] })).toEqual([
      'name must be a text of 1 to 5 characters',
      'copies must be a whole number',
      'note must be a text of 1 to 3 characters',
      'parts[1].size must be a whole number',
    ]);
    expect(mistakes({ name: 'a', copies: 1, parts: [{}, {}, {}] })).toEqual(['parts must be a list of at most 2']);
    expect(mistakes({ name: 'a', copies: 1, note: null, parts: ['x'] })).toEqual([
      'note must be a text of 1 to 3 characters',
      'parts[0] must be an object',
    ]);
    expect(() => read([], 'letter')).toThrow(new ShapeError('letter', 'an object').message);
  });

  test('names 20 mistakes at most', () => {
    const error = new InvalidPayload(Array.from({ length: 300 }, (_, at) => new ShapeError(`f${at}`, 'a text')));
    expect(error.message).toMatch(/f19 must be a text; and 280 more$/);
    expect(error.mistakes).toHaveLength(300);
  });
});

test('whatever comes is read, or refused as an invalid payload, and what was read is read again as it is', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        ...{
          environment: fc.string(),
          seq: fc.jsonValue(),
          consumer: fc.string({ minLength: 1 }),
          instance: fc.string(),
        },
        ...{ state: fc.constantFrom('APPLIED', 'x'), appliedAt: fc.constantFrom('2026-11-20T12:00:00Z', '') },
        environments: fc.array(fc.jsonValue()),
      },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(value, fc.constantFrom(receiptTask, heartbeatTask), (payload, task) => {
      try {
        const parsed: unknown = task.parse(payload);
        expect(task.parse(parsed)).toEqual(parsed);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidPayload);
      }
    }),
  );
});
