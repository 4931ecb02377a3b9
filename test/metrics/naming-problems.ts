import type { Family } from './prometheus-text.js';

/** Units that are not base units (https://prometheus.io/docs/practices/naming/#base-units), as promtool knows them. */
const OTHER_UNITS =
  /_(?:ms|us|ns|msec|usec|nsec|s|sec|secs|milliseconds|microseconds|nanoseconds|minutes|hours|days|weeks|b|kb|mb|gb|kib|mib|gib|bits|kilobytes|megabytes|gigabytes|percent|pct|celcius|fahrenheit)(?:_|$)/;
const TYPES_IN_NAMES = /_(?:counter|gauge|histogram|summary)(?:_|$)/;
const SUFFIXES_OF_PARTS = /_(?:count|sum|bucket)$/;
/** Those of the process and of Node come from the client library, which follows the names of Prometheus' own clients. */
const OWN = /^paddock_[a-z0-9]+(?:_[a-z0-9]+)*$/;
const OF_THE_LIBRARY = /^(?:process|nodejs)_/;

/** Violations of the rules of `promtool check metrics`, and of our own rule for prefixes. */
export function namingProblems({ name, help, type, samples }: Family): string[] {
  const problems: string[] = [];
  const rule = (broken: boolean, problem: string): void => {
    if (broken) problems.push(`${name}: ${problem}`);
  };
  rule(!help, 'has no HELP');
  rule(type === undefined || type === 'untyped', 'has no TYPE');
  rule(type === 'counter' && !name.endsWith('_total'), 'a counter must end in _total');
  rule(type !== 'counter' && name.endsWith('_total'), `a ${type} must not end in _total`);
  rule(SUFFIXES_OF_PARTS.test(name), 'ends as a part of a histogram does');
  rule(OTHER_UNITS.test(name), 'names a unit that is not a base unit (seconds, bytes, ratio)');
  rule(TYPES_IN_NAMES.test(name), 'has its type in its name');
  rule(name.includes(':'), 'has a colon, which is for recording rules');
  rule(!OF_THE_LIBRARY.test(name) && !OWN.test(name), 'must begin with paddock_, in lower case');
  rule(type !== 'histogram' && samples.some(({ labels }) => 'le' in labels), 'has the label le, which histograms use');
  rule(
    type === 'counter' && samples.some(({ value }) => !(value >= 0)),
    'a counter must be a number that is not negative',
  );
  for (const label of new Set(samples.flatMap(({ labels }) => Object.keys(labels))))
    rule(!/^[a-z][a-z0-9_]*$/.test(label), `the label ${label} is not in lower case`);
  return problems;
}
