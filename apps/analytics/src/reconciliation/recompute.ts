import { Big } from 'big.js';
import { evaluate, inputName, type MetricBody, parseExpression, ratio } from '#metrics';
import type { Definitions } from '../definitions/definitions.js';
import type { Interval } from '../queries/interval.js';
import type { SeriesContext } from '../queries/series-answer.js';
import { recomputation } from './independent-sql.js';
import { narrowedTo, type Split, WHOLE } from './split.js';

/** What a window comes to when it is computed apart from everything that serves it. */
export interface Recomputed {
  value: Big | null;
  /** Within these an approximate figure may lie; the value itself where it is exact. */
  low: Big | null;
  high: Big | null;
  /** From events that had been received at the cut-off. */
  onTime: Big | null;
  /** From every stored copy of an event; only of counts. */
  withCopies: Big | null;
  /** Events that came after the cut-off. */
  late: number;
}

const NOTHING: Recomputed = { value: null, low: null, high: null, onTime: null, withCopies: null, late: 0 };
const ZERO: Recomputed = { ...NOTHING, value: new Big(0), low: new Big(0), high: new Big(0), onTime: new Big(0), withCopies: new Big(0) };
/** Of approximate distinct counts, as a share. */
const DISTINCT_ERROR = 0.02;

/** Whether a metric's windows can be computed apart: sums of events, and what is made of such without looking elsewhere in time. */
export function isRecomputable(body: MetricBody, definitions: Definitions): boolean {
  if (body.simple) return true;
  const inputs = body.ratio ? [body.ratio.numerator, body.ratio.denominator] : (body.derived?.inputs ?? []);
  return inputs.length > 0 && inputs.every(({ metric, offsetWindow, offsetToGrain }) => {
    const target = definitions.metric(metric);
    return offsetWindow === undefined && offsetToGrain === undefined && target !== undefined && isRecomputable(target, definitions);
  });
}

/** Computes windows of a metric, or of a part of it, from raw events, by SQL of its own. */
export async function recompute(context: SeriesContext, metric: string, windows: readonly Interval[], cutoff: number, split: Split = WHOLE): Promise<Recomputed[]> {
  const body = context.definitions.metric(metric);
  if (body?.simple) return recomputeSimple(context, metric, windows, cutoff, split);
  if (body?.ratio) {
    const [top, bottom] = await Promise.all([body.ratio.numerator, body.ratio.denominator].map((input) => recompute(context, input.metric, windows, cutoff, split)));
    return windows.map((_, index) => combined([top?.[index] ?? NOTHING, bottom?.[index] ?? NOTHING], ([a, b]) => ratio(a ?? null, b ?? null)));
  }
  if (body?.derived) {
    const { inputs, expr } = body.derived;
    const expression = parseExpression(expr);
    const names = inputs.map(inputName);
    const answers = await Promise.all(inputs.map((input) => recompute(context, input.metric, windows, cutoff, split)));
    return windows.map((_, index) => combined(answers.map((answer) => answer[index] ?? NOTHING), (values) => evaluate(expression, (name) => values[names.indexOf(name)] ?? null)));
  }
  return windows.map(() => NOTHING);
}

/** Sketches among the inputs make the result approximate; how far cannot be said simply, so it is held to the same share. */
function combined(inputs: readonly Recomputed[], compute: (values: (Big | null)[]) => Big | null): Recomputed {
  const value = compute(inputs.map((input) => input.value));
  const approximate = inputs.some(({ low, high }) => low !== null && high !== null && !low.eq(high));
  const slack = approximate && value ? value.abs().times(2 * DISTINCT_ERROR) : new Big(0);
  return { value, low: value?.minus(slack) ?? null, high: value?.plus(slack) ?? null, onTime: compute(inputs.map(({ onTime }) => onTime)), withCopies: null, late: Math.max(...inputs.map(({ late }) => late)) };
}

async function recomputeSimple(context: SeriesContext, metric: string, windows: readonly Interval[], cutoff: number, split: Split): Promise<Recomputed[]> {
  const version = context.metrics.current(metric);
  const whole = version?.body.simple;
  const contract = whole && version.definitions.event(whole.event);
  const simple = contract && narrowedTo(whole, contract, split);
  if (!simple || !contract || windows.length === 0) return windows.map(() => NOTHING);
  const counts = simple.agg === 'count' || simple.agg === 'count_distinct';
  const found: Recomputed[] = windows.map(() => (counts ? ZERO : NOTHING));
  for (const row of await context.engine.select(recomputation(simple, contract, windows, cutoff))) {
    const value = (text: unknown, n: unknown): Big | null => {
      if (!counts && Number(n) === 0) return null;
      const big = new Big(String(text));
      return simple.agg === 'average' ? big.div(Number(n)) : big;
    };
    const [exact, low, high] = [value(row['v'], row['n']), value(row['low'], row['n']), value(row['high'], row['n'])];
    const slack = simple.agg === 'count_distinct' && simple.accuracy === 'approximate' && exact ? exact.times(DISTINCT_ERROR) : new Big(0);
    found[Number(row['w'])] = {
      value: exact, low: low?.minus(slack) ?? null, high: high?.plus(slack) ?? null,
      onTime: value(row['late_v'], row['late_n']),
      withCopies: simple.agg === 'count' ? new Big(String(row['copies_n'])) : null,
      late: Number(row['late']),
    };
  }
  return found;
}
