import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '@paddock/testing';
import { parse } from 'yaml';
import type { Installation } from './installation.js';
import { startInstallation } from './start-installation.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

/** Labels that Prometheus adds itself. */
const OF_PROMETHEUS = ['up', 'job'];
const FUNCTIONS = ['sum', 'by', 'rate', 'max', 'histogram_quantile', 'or'];

let installation: Installation;
let rules: readonly Rule[];

beforeAll(async () => {
  const { groups }: { groups: { rules: Rule[] }[] } = parse(await readFile('deploy/prometheus/alerts.yml', 'utf8'));
  rules = groups.flatMap((group) => group.rules);
  installation = await startInstallation({ edges: 1, dataPlanes: true });
}, 300_000);
afterAll(() => installation.dispose(), 300_000);

test('every metric and label of the alerts is one that a process has', async () => {
  expect(rules.length).toBeGreaterThan(10);
  const expected = rules.flatMap(({ alert, expr }) => namesIn(expr).map((name) => ({ alert, name })));
  // Some series are there only once something happened.
  await until(
    async () => {
      const known = namesOf(await scrape());
      const unknown = expected.filter(({ name }) => !known.has(name) && !OF_PROMETHEUS.includes(name));
      if (unknown.length > 0) throw new Error(JSON.stringify(unknown));
      return true;
    },
    { timeoutMs: 60_000, what: 'every metric of the alerts' },
  );
});

test('every alert says how urgent it is, what it means and what to do', () => {
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^Paddock[A-Z]/);
    expect(['page', 'ticket']).toContain(labels.severity);
    expect([alert, annotations.summary.length > 20, annotations.action.length > 20]).toEqual([alert, true, true]);
  }
});

async function scrape(): Promise<string> {
  const texts = await Promise.all(
    installation.apps.map(async ({ operationsUrl }) => (await fetch(`${operationsUrl}/metrics`)).text()),
  );
  return texts.join('\n');
}

/** Names of metrics and labels in a PromQL expression: all words outside of texts and durations that are no functions. */
function namesIn(expr: string): string[] {
  const words = expr.replace(/"[^"]*"|\[[^\]]*\]/g, '').match(/[a-z_][a-z_0-9]*/gi) ?? [];
  return [...new Set(words)].filter((word) => !FUNCTIONS.includes(word));
}

/** Names of metrics (also those that are declared and have no series yet) and labels in the text that Prometheus reads. */
function namesOf(text: string): Set<string> {
  const declared = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  );
  const labels = [...text.matchAll(/[{,](\w+)="/g)].map(([, label = '']) => label);
  return new Set([...declared, ...labels]);
}
