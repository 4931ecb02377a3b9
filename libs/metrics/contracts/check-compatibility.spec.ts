import { describe, expect, it } from '@jest/globals';
import { checkCompatibility } from './check-compatibility.js';
import type { CompatibilityMode } from './event-schema-body.js';
import type { Schema } from './normalise-schema.js';

const contract = (version: string, properties: Record<string, string>, required: string[] = []) => {
  const schema: Schema = { type: 'object', properties: Object.fromEntries(Object.entries(properties).map(([name, type]) => [name, { type }])), required };
  return { version, schema };
};

describe('checkCompatibility', () => {
  const v1 = contract('1.0.0', { amount: 'integer' }, ['amount']);
  const v2 = contract('1.1.0', { amount: 'number' }, ['amount']);
  const v3 = contract('2.0.0', { amount: 'number' });
  const back = contract('2.1.0', { amount: 'integer' }, ['amount']);

  it.each<[CompatibilityMode, string[]]>([
    ['NONE', []],
    ['BACKWARD', []],
    ['BACKWARD_TRANSITIVE', []],
    ['FORWARD', ['FORWARD 1.1.0 amount FIELD_REQUIRED']],
    ['FORWARD_TRANSITIVE', ['FORWARD 1.0.0 amount FIELD_REQUIRED', 'FORWARD 1.0.0 amount TYPE_NARROWED', 'FORWARD 1.1.0 amount FIELD_REQUIRED']],
    ['FULL', ['FORWARD 1.1.0 amount FIELD_REQUIRED']],
    ['FULL_TRANSITIVE', ['FORWARD 1.0.0 amount FIELD_REQUIRED', 'FORWARD 1.0.0 amount TYPE_NARROWED', 'FORWARD 1.1.0 amount FIELD_REQUIRED']],
  ])('%s of a field that widened and became optional', (mode, expected) => {
    expect(summary(checkCompatibility(v3, [v1, v2], mode))).toEqual(expected);
  });

  it('finds under a transitive mode what a comparison with the last version alone overlooks', () => {
    const narrowed = contract('2.1.0', { amount: 'number', note: 'string' });
    expect(summary(checkCompatibility(narrowed, [contract('1.0.0', { note: 'integer' }), v3], 'BACKWARD'))).toEqual([]);
    expect(summary(checkCompatibility(narrowed, [contract('1.0.0', { note: 'integer' }), v3], 'BACKWARD_TRANSITIVE'))).toEqual(['BACKWARD 1.0.0 note TYPE_NARROWED']);
    expect(summary(checkCompatibility(back, [v3], 'BACKWARD'))).toEqual(['BACKWARD 2.0.0 amount FIELD_REQUIRED', 'BACKWARD 2.0.0 amount TYPE_NARROWED']);
  });

  function summary(violations: ReturnType<typeof checkCompatibility>): string[] {
    return violations.map(({ direction, version, field, code }) => `${direction} ${version} ${field} ${code}`);
  }
});
