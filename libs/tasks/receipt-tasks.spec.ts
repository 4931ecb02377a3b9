import { describe, expect, it } from 'vitest';
import { heartbeatTask, receiptTask } from './receipt-tasks.js';

const RECEIPT = {
  environment: 'production',
  epoch: 'epoch-1',
  seq: 42,
  consumer: 'edge',
  instance: 'edge-1',
  state: 'APPLIED',
  stateHash: 'a'.repeat(64),
  appliedAt: '2026-11-20T12:00:00.000Z',
  ms: 31,
};

const HEARTBEAT = {
  consumer: 'edge',
  instance: 'edge-1',
  leaseMs: 15_000,
  startedAt: '2026-11-20T12:00:00Z',
  environments: [
    { environment: 'production', epoch: 'epoch-1', seq: 42, stateHash: 'a'.repeat(64), settingsVersion: 7 },
  ],
};

describe('a receipt as a task', () => {
  it('is read unchanged, without unknown fields', () => {
    expect(receiptTask.parse({ ...RECEIPT, extra: true })).toEqual(RECEIPT);
  });

  it.each([
    ['environment', ''],
    ['seq', -1],
    ['seq', 1.5],
    ['environment', 'x'.repeat(41)],
    ['epoch', ''],
    ['epoch', 'x'.repeat(101)],
    ['consumer', 'x'.repeat(61)],
    ['instance', 'edge 1'],
    ['instance', 'é'],
    ['instance', 7],
    ['state', 'STALE'],
    ['error', 'x'.repeat(501)],
    ['stateHash', 'A'.repeat(64)],
    ['appliedAt', '2026-11-20'],
    ['appliedAt', '2026-13-40T12:00:00Z'],
    ['ms', -1],
    ['leaseMs', 999],
    ['leaseMs', 300_001],
    ['traceparent', 'x'.repeat(101)],
  ])('is refused for a wrong %s, by name: %j', (field, value) => {
    expect(() => receiptTask.parse({ ...RECEIPT, [field]: value })).toThrow(field);
  });

  it.each([[null], ['text'], [[RECEIPT]]])('is refused when it is no object: %j', (payload) => {
    expect(() => receiptTask.parse(payload)).toThrow('receipt must be an object');
  });
});

describe('a heartbeat as a task', () => {
  it('comes through as it is', () => {
    expect(heartbeatTask.parse(HEARTBEAT)).toEqual(HEARTBEAT);
  });

  it.each([
    ['leaseMs', 999],
    ['leaseMs', 300_001],
    ['startedAt', 'yesterday'],
    ['environments', {}],
    ['environments', [{ environment: 'production', seq: 'x', stateHash: 'a'.repeat(64) }]],
    ['environments', [{ environment: 'production', epoch: 7, seq: 1, stateHash: 'a'.repeat(64) }]],
    ['environments', [{ environment: 'production', seq: 1, stateHash: 'a'.repeat(64), settingsVersion: -1 }]],
  ])('is refused for a wrong %s: %j', (field, value) => {
    expect(() => heartbeatTask.parse({ ...HEARTBEAT, [field]: value })).toThrow(
      /leaseMs|startedAt|environments|seq|epoch|settingsVersion/,
    );
  });
});
