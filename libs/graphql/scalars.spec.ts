import { describe, expect, it } from 'vitest';
import { parseValue } from 'graphql';
import { DateTimeScalar, JsonScalar, MAX_JSON_BYTES, MAX_JSON_DEPTH } from './scalars.js';

describe('DateTime', () => {
  it.each([
    ['2026-11-20T18:00:00Z', '2026-11-20T18:00:00.000Z'],
    ['2026-11-20T18:00:00.123456+02:00', '2026-11-20T16:00:00.123Z'],
    ['2024-02-29t23:59:59z', '2024-02-29T23:59:59.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('understands %s', (written, meant) => {
    expect(DateTimeScalar.serialize(DateTimeScalar.parseValue(written))).toBe(meant);
  });

  it.each([
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:01:00Z',
    '0999-01-01T00:00:00Z',
    '2026-11-20T18:00:00',
    '20261120T180000Z',
    '',
    7,
    null,
    {},
  ])('refuses %j', (value) => {
    expect(() => DateTimeScalar.parseValue(value)).toThrow(JSON.stringify(value));
  });

  it('refuses other literals than strings', () => {
    expect(() => DateTimeScalar.parseLiteral(parseValue('1763661600000'))).toThrow('1763661600000');
  });
});

describe('JSON', () => {
  const nested = (depth: number): unknown => (depth === 1 ? 1 : [nested(depth - 1)]);

  it('keeps values as they are, from variables and from literals', () => {
    const value = { text: 'ünïcode 🏇', list: [1, 2.5, null, true], empty: {} };
    expect(JsonScalar.parseValue(value)).toEqual(value);
    expect(JsonScalar.parseLiteral(parseValue('{ text: "a", list: [1, 2.5, null, true] }'))).toEqual({
      text: 'a',
      list: [1, 2.5, null, true],
    });
  });

  it('knows its bounds', () => {
    expect(() => JsonScalar.parseValue(nested(MAX_JSON_DEPTH))).not.toThrow();
    expect(() => JsonScalar.parseValue(nested(MAX_JSON_DEPTH + 1))).toThrow(`up to ${MAX_JSON_DEPTH} deep`);
    expect(() => JsonScalar.parseValue('x'.repeat(MAX_JSON_BYTES - 2))).not.toThrow();
    expect(() => JsonScalar.parseValue('x'.repeat(MAX_JSON_BYTES - 1))).toThrow(
      `up to ${MAX_JSON_BYTES} bytes, not ${MAX_JSON_BYTES + 1}`,
    );
  });

  it('survives nesting that would exhaust the stack', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(() => JsonScalar.parseValue(deep)).toThrow('deep');
  });

  it.each(['{"a": {"__proto__": {"admin": true}}}', '{"constructor": {"prototype": {"admin": true}}}'])(
    'refuses %s',
    (text) => {
      expect(() => JsonScalar.parseValue(JSON.parse(text))).toThrow('may not have a member');
      expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('admin');
    },
  );

  it('refuses lone surrogates, which would not come back as they were sent', () => {
    expect(() => JsonScalar.parseValue({ a: ['\ud83c'] })).toThrow('lone surrogate');
    expect(() => JsonScalar.parseValue({ '\udfc7': 1 })).toThrow('lone surrogate');
  });
});
