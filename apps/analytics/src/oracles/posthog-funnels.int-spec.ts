import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventSchemaBody } from '@paddock/metrics';
import { describeWithData } from '@paddock/testing';
import { readFunnel } from '../queries/funnel.js';
import { contract, definitions, testAnalytics, type TestAnalytics } from '../testing/test-analytics.js';

interface Case {
  name: string;
  order: 'ordered' | 'strict';
  window?: string;
  range?: [string, string];
  steps: string[];
  breakdown?: string;
  events?: Record<string, [string, string][]> | string;
  events_in_order?: Record<string, string[]>;
  expected: Record<string, unknown>;
}

/** Contracts are named by identifiers. */
const snakeCase = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');

describeWithData(describe, 'PostHog funnels', 'analytics/oracles', (file) => {
  let test: TestAnalytics;
  beforeEach(async () => (test = await testAnalytics()));
  afterEach(() => test.close());

  const { cases }: { cases: Case[] } = JSON.parse(readFileSync(file('posthog_funnels.json'), 'utf8'));

  it.each(cases.map((one, index) => [one.name, index] as const))('%s', async (_, index) => {
    const { one, people } = eventsOf(index);
    const names = [...new Set(people.flatMap(({ events }) => events.map(([name]) => name)))];
    const contracts: EventSchemaBody[] = names.map((name) =>
      contract(name, { user: 'string', browser: 'string' }, { time: { allowedLateness: '9999d' } }),
    );
    const steps = one.steps.map((name) => ({ name, event: snakeCase(name) }));
    const window = one.window ?? '14 days';
    await test.analytics.apply(definitions(contracts, { funnel: { funnel: { order: one.order, window, steps } } }));
    await test.analytics.start();
    const sent = people.flatMap(({ person, browser, events }) =>
      events.map(([event, at], order) => ({ event, id: `${person}-${order}`, at, user: person, browser })),
    );
    expect((await test.send(sent)).rejected).toEqual([]);
    await test.stored(sent.length);
    const [from, to] = one.range ?? ['2020-01-01', '2020-02-01'];
    const range = { start: Date.parse(from), end: Date.parse(to) };
    const answer = await readFunnel(test.analytics.context, {
      metric: 'funnel',
      range,
      timeZone: 'UTC',
      ...(one.breakdown ? { breakdown: 'browser' } : {}),
    });
    if (one.breakdown) {
      for (const { value, steps: reached } of answer.groups) expectSteps(reached, one.expected[value ?? '']);
      expect(answer.groups.map(({ value }) => value)).toEqual(Object.keys(one.expected).sort());
    } else {
      expectSteps(answer.groups[0]?.steps ?? [], one.expected);
    }
  });

  type Steps = Awaited<ReturnType<typeof readFunnel>>['groups'][number]['steps'];

  /** Figures of PostHog's own tests; null where a test states none. */
  function expectSteps(steps: Steps, expected: unknown): void {
    const stated: Record<string, unknown> = typeof expected === 'object' && expected !== null ? { ...expected } : {};
    const figures: Record<string, (number | null)[]> = {
      count: steps.map(({ count }) => count),
      average_conversion_time_s: steps.map(({ averageSeconds }) => averageSeconds),
      median_conversion_time_s: steps.map(({ medianSeconds }) => medianSeconds),
    };
    let compared = 0;
    for (const [figure, values] of Object.entries(stated)) {
      if (figure === 'reached' && typeof values === 'object' && values !== null) {
        expect(steps.map(({ count }) => count)).toEqual(
          Object.values(values).map((people) => (Array.isArray(people) ? people.length : 0)),
        );
        compared += 1;
      }
      if (!Array.isArray(values) || !figures[figure]) continue;
      values.forEach((value, index) => value === null || expect(figures[figure]?.[index]).toBe(value));
      compared += 1;
    }
    expect(compared).toBeGreaterThan(0);
  }

  function eventsOf(index: number): {
    one: Case;
    people: { person: string; browser: string; events: [string, string][] }[];
  } {
    const one = cases[index];
    if (!one) throw new Error('no such case');
    const given = typeof one.events === 'string' ? cases[index - 1]?.events : one.events;
    const timed =
      typeof given === 'object'
        ? Object.entries(given)
        : Object.entries(one.events_in_order ?? {}).map(
            ([person, names]) =>
              [
                person,
                names.map((name, at): [string, string] => [name, new Date(Date.UTC(2020, 0, 2, 12, at)).toISOString()]),
              ] as const,
          );
    const people = timed.map(([person, events]) => {
      const [, browser = ''] = /\((\w+)\)/.exec(person) ?? [];
      return { person, browser, events: events.map(([name, at]): [string, string] => [snakeCase(name), at]) };
    });
    return { one, people };
  }
});
