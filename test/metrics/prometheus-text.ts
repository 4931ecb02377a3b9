/** One sample of a metric: `name{label="value"} 1`. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with all that its `HELP` and `TYPE` lines and its samples say. */
export interface Family {
  readonly name: string;
  readonly help: string | undefined;
  readonly type: string | undefined;
  readonly samples: Sample[];
}

const META = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*)(?: (.*))?$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;
const TYPES = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);
const PARTS: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['_sum', '_count'],
};

/**
 * Reads Prometheus' text format 0.0.4 as strictly as Prometheus does.
 * @throws Error that names the line
 */
export function parsePrometheusText(text: string): Map<string, Family> {
  const families = new Map<string, { -readonly [Member in keyof Family]: Family[Member] }>();
  const family = (name: string) => {
    const known = families.get(name) ?? { name, help: undefined, type: undefined, samples: [] };
    families.set(name, known);
    return known;
  };
  if (!text.endsWith('\n')) throw new Error('the last line must end in a line feed');
  for (const [index, line] of text.split('\n').entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}: ${line}`);
    };
    if (line === '') continue;
    if (line.startsWith('#')) {
      const [, kind, name = '', value = ''] = META.exec(line) ?? [];
      if (kind === 'HELP') family(name).help ??= value;
      if (kind === 'TYPE') {
        if (!TYPES.has(value)) fail('no such type');
        if (family(name).type !== undefined) fail('a second TYPE');
        if (family(name).samples.length > 0) fail('TYPE after samples');
        family(name).type = value;
      }
      continue;
    }
    const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? fail('not a sample');
    if (name === undefined) continue;
    const sample = { name, labels: labelsIn(labels, fail), value: numberOf(value, fail) };
    const owner = [...families.values()].find(
      ({ name: base, type }) => name === base || PARTS[type ?? '']?.some((part) => name === base + part),
    );
    const { samples } = owner ?? family(name);
    const same = (other: Sample) => JSON.stringify(other.labels) === JSON.stringify(sample.labels);
    if (samples.some((other) => other.name === name && same(other))) fail('the same sample twice');
    samples.push(sample);
  }
  return families;
}

function labelsIn(text: string, fail: (why: string) => never): Record<string, string> {
  const labels: Record<string, string> = {};
  const pattern = new RegExp(LABEL);
  while (pattern.lastIndex < text.length) {
    const [, name, value = ''] = pattern.exec(text) ?? fail('labels that cannot be read');
    if (name === undefined) break;
    if (name in labels) fail(`the label ${name} twice`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

function numberOf(text: string, fail: (why: string) => never): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  if (text === 'Nan' || text === 'NaN') return Number.NaN;
  const number = Number(text);
  return text === '' || Number.isNaN(number) ? fail('not a number') : number;
}
