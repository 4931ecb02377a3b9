import { describe, expect, test } from 'vitest';
import { namingProblems } from './naming-problems.js';
import { parsePrometheusText } from './prometheus-text.js';

const problemsOf = (text: string): string[] => [...parsePrometheusText(text).values()].flatMap(namingProblems);

test('a good metric of each type has no problem', () => {
  const text = `# HELP paddock_things_total Things
# TYPE paddock_things_total counter
paddock_things_total{app="a \\"b\\" {c}, d",kind="x"} 2
paddock_things_total{app="a",kind="x"} 3
# HELP paddock_age_seconds Age
# TYPE paddock_age_seconds gauge
paddock_age_seconds -1
# HELP paddock_work_seconds Work
# TYPE paddock_work_seconds histogram
paddock_work_seconds_bucket{le="0.1"} 1
paddock_work_seconds_bucket{le="+Inf"} 2
paddock_work_seconds_sum 1.5e-3
paddock_work_seconds_count 2
`;
  expect(problemsOf(text)).toEqual([]);
  const families = parsePrometheusText(text);
  expect(families.get('paddock_things_total')?.samples[0]?.labels).toEqual({ app: 'a "b" {c}, d', kind: 'x' });
  expect(families.get('paddock_work_seconds')?.samples).toHaveLength(4);
});

test.each([
  ['# HELP paddock_a_total A\n# TYPE paddock_a_total gauge\npaddock_a_total 1\n', 'a gauge must not end in _total'],
  ['# HELP paddock_hits A\n# TYPE paddock_hits counter\npaddock_hits 1\n', 'a counter must end in _total'],
  ['# HELP edge_seq A\n# TYPE edge_seq gauge\nedge_seq 1\n', 'must begin with paddock_'],
  ['# HELP paddock_lag_ms A\n# TYPE paddock_lag_ms gauge\npaddock_lag_ms 1\n', 'not a base unit'],
  ['# TYPE paddock_lag gauge\npaddock_lag 1\n', 'has no HELP'],
  ['paddock_lag 1\n', 'has no TYPE'],
  ['# HELP paddock_lag A\n# TYPE paddock_lag gauge\npaddock_lag{theSite="a"} 1\n', 'theSite is not in lower case'],
  ['# HELP paddock_a_total A\n# TYPE paddock_a_total counter\npaddock_a_total -1\n', 'not negative'],
  ['# HELP paddock_row_count A\n# TYPE paddock_row_count gauge\npaddock_row_count 1\n', 'as a part of a histogram'],
])('%j is found', (text, problem) => {
  expect(problemsOf(text).join('; ')).toContain(problem);
});

describe('text that is not the format is refused, with its line', () => {
  test.each([
    ['paddock_a 1', 'line feed'],
    ['paddock_a one\n', 'line 1: not a number'],
    ['paddock_a{b="1" 1\n', 'line 1: not a sample'],
    ['paddock_a{b=1} 1\n', 'line 1: labels that cannot be read'],
    ['paddock_a{b="1",b="2"} 1\n', 'line 1: the label b twice'],
    ['paddock_a 1\npaddock_a 2\n', 'line 2: the same sample twice'],
    ['# TYPE paddock_a number\n', 'line 1: no such type'],
    ['paddock_a 1\n# TYPE paddock_a gauge\n', 'line 2: TYPE after samples'],
  ])('%j', (text, problem) => {
    expect(() => parsePrometheusText(text)).toThrow(problem);
  });
});
