import { describe, expect, test } from 'vitest';
import { deliveryJobId, deliveryTask } from './delivery-task.js';

const DELIVERY = { environment: 'production', topic: 'release', version: 7, target: 'artefacts' } as const;

describe('a delivery as a task', () => {
  test('is read, also as versions without envelopes wrote it', () => {
    expect(deliveryTask.parse(DELIVERY)).toEqual(DELIVERY);
    expect(deliveryTask.parse({ ...DELIVERY, requestId: 'request-1', traceparent: null })).toEqual(DELIVERY);
  });

  test.each([
    ['environment', ''],
    ['environment', 'x'.repeat(101)],
    ['environment', undefined],
    ['topic', 'releases'],
    ['version', -1],
    ['version', 1.5],
    ['version', '7'],
    ['target', ''],
    ['target', ['artefacts']],
  ])('is refused for a wrong %s: %j', (field, value) => {
    expect(() => deliveryTask.parse({ ...DELIVERY, [field]: value })).toThrow(`${field} must be`);
  });

  test('is refused with every mistake at once, and when it is no object', () => {
    expect(() => deliveryTask.parse({})).toThrow(
      /environment must be .*topic must be .*version must be .*target must be/,
    );
    expect(() => deliveryTask.parse(null)).toThrow('deliver must be an object');
  });

  test('has one id per message and target, and another one after each attempt without effect', () => {
    expect(deliveryJobId(DELIVERY, null)).toBe('production-release-7-artefacts');
    expect(deliveryJobId(DELIVERY, new Date(5))).toBe('production-release-7-artefacts-again-5');
  });
});
