import { describe, expect, it, test } from 'vitest';
import { fc } from '@paddock/testing';
import { parseBoundedJson, UnreadableJson } from './json-text.js';

const LIMITS = { depth: 5, members: 20 };

function refusal(text: string, limits = LIMITS): unknown {
  try {
    return { value: parseBoundedJson(text, limits) };
  } catch (error) {
    if (!(error instanceof UnreadableJson)) throw error;
    const { code, position, excess } = error;
    return { code, position, ...excess };
  }
}

describe('JSON from outside', () => {
  test('whatever JSON can say comes back as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(parseBoundedJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['too many levels', '{"a":[[[[[1]]]]]}', { code: 'JSON_TOO_DEEP', position: 9, limit: 5, actual: 6 }],
    [
      'levels that are never closed',
      '['.repeat(500_000),
      { code: 'JSON_TOO_DEEP', position: 5, limit: 5, actual: 100_001 },
    ],
    [
      'too many members',
      `[${'1,'.repeat(20)}1]`,
      { code: 'JSON_TOO_MANY_MEMBERS', position: 40, limit: 20, actual: 21 },
    ],
    ['a text that breaks off', '{"a": {', { code: 'BAD_JSON', position: 7 }],
    ['a text that breaks in its middle', '{"a": nonsense}', { code: 'BAD_JSON', position: 7 }],
    ['nothing', ' ', { code: 'BAD_JSON', position: 0 }],
    ['__proto__', '{"a":{"__proto__":{}}}', { code: 'BAD_JSON', position: 6 }],
    ['__proto__ in disguise', '{"\\u005f_proto__" :1}', { code: 'BAD_JSON', position: 1 }],
    ['constructor.prototype', '{"constructor": {"prototype": {}}}', { code: 'BAD_JSON', position: 17 }],
    ['a string without its end', '{"a":"b\\"}', { code: 'BAD_JSON', position: 10 }],
  ])('refuses %s', (_, text, expected) => {
    expect(refusal(text)).toEqual(expected);
  });

  it.each([
    ['a member named constructor without a prototype', '{"constructor":"Ferrari","prototype":1}'],
    ['a prototype beside a constructor', '{"constructor":{"a":1},"prototype":{}}'],
    ['marks within texts', '{"a":"[[[[[[[[,,,,,,,,,,,,,,,,,,,,,,\\\\"}'],
    ['a text that is the name', '["__proto__"]'],
  ])('takes %s', (_, text) => {
    expect(refusal(text)).toEqual({ value: JSON.parse(text) });
  });
});
