import { describe, expect, it } from 'vitest';
import { SAMPLE_EVENTS } from './sample-stream.js';
import { type SampleEvent, SampleVisitors } from './sample-visitors.js';

const START = Date.UTC(2026, 10, 20);
const HOUR = 3_600_000;

function day(seed: number, hours = 3): SampleEvent[] {
  const visitors = new SampleVisitors(seed, 'run', 5);
  return Array.from({ length: hours * 3_600 }, (_, second) => visitors.step(START + second * 1_000, 1_000)).flat();
}

describe('sample visitors', () => {
  const events = day(7);
  const named = (name: string) => events.filter(({ event }) => event === name);

  it('are the same for the same seed, and differ for another', () => {
    expect(JSON.stringify(day(7, 1))).toBe(JSON.stringify(day(7, 1)));
    expect(JSON.stringify(day(8, 1))).not.toBe(JSON.stringify(day(7, 1)));
  });

  it('come at the rate that was asked for, and do all there is to do', () => {
    expect(events.length).toBeGreaterThan(5 * 3 * 3_600);
    expect(events.length).toBeLessThan(1.3 * 5 * 3 * 3_600);
    for (const event of SAMPLE_EVENTS)
      expect({ event, some: named(event).length > 100 }).toEqual({ event, some: true });
    expect(named('registration').length).toBeLessThan(new Set(events.map(({ user }) => user)).size);
  });

  it('leave the house a margin', () => {
    const sum = (field: string) => named('bet_settled').reduce((total, event) => total + Number(event[field]), 0);
    expect(sum('payout') / sum('stake')).toBeGreaterThan(0.7);
    expect(sum('payout') / sum('stake')).toBeLessThan(1.2);
  });

  it('send some events late, some twice and some broken', () => {
    const ids = events.map(({ id }) => id).filter((id) => id !== undefined);
    const times = events.map(({ at }) => Date.parse(String(at)));
    expect(ids.length - new Set(ids).size).toBeGreaterThan(events.length * 0.005);
    expect(events.filter(({ id }) => id === undefined).length).toBeGreaterThan(10);
    expect(times.filter(Number.isNaN).length).toBeGreaterThan(10);
    expect(times.filter((at) => at > START + 4 * HOUR).length).toBeGreaterThan(10);
    expect(named('bet_plcaed').length).toBeGreaterThan(10);
  });
});
