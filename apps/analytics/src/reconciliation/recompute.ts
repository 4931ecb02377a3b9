import { Big } from 'big.js';
import { divides, evaluate, inputName, inputsOf, type MetricBody, parseExpression, ratio } from '@paddock/metrics';
import type { Definitions } from '../definitions/definitions.js';
import type { Interval } from '../queries/interval.js';
import type { SeriesContext } from '../queries/series-answer.js';
import { recomputation } from './independent-sql.js';
import { narrowedTo, type Split, WHOLE } from './split.js';

/** A figure of a window. */
export interface Figure {
  value: Big | null;
  /** The bounds of an approximate figure; the value itself where it is exact. */
  low: Big | null;
  high: Big | null;
  /** There was no value to aggregate. */
  isEmpty: boolean;
}

/** The figures of a window, computed independently of the serving code. */
export interface Recomputed extends Figure {
  /** From events that had been received at the cut-off. */
  onTime: Figure;
  /** From every stored copy of an event; only of counts. */
  withCopies: Big | null;
  /** Events that came after the cut-off. */
  late: number;
}

function figureOfNothing(value: Big | null): Recomputed {
  const figure = { value, low: value, high: value, isEmpty: true };
  return { ...figure, onTime: figure, withCopies: value, late: 0 };
}

const NOTHING = figureOfNothing(null);
const ZERO = figureOfNothing(new Big(0));
/** Of approximate distinct counts, as a share. */
const DISTINCT_ERROR = 0.02;

/**
 * Whether a metric's windows can be recomputed independently: aggregates of events, and metrics computed from these
 * without reading other times.
 */
export function isRecomputable(body: MetricBody, definitions: Definitions): boolean {
  if (body.simple) return true;
  const inputs = body.ratio ? [body.ratio.numerator, body.ratio.denominator] : (body.derived?.inputs ?? []);
  return (
    inputs.length > 0 &&
    inputs.every(({ metric, offsetWindow, offsetToGrain }) => {
      const target = definitions.metric(metric);
      return (
        offsetWindow === undefined &&
        offsetToGrain === undefined &&
        target !== undefined &&
        isRecomputable(target, definitions)
      );
    })
  );
}

/** Computes windows of a metric, or of a part of it, from raw events, by SQL of its own. */
export async function recompute(
  context: SeriesContext,
  metric: string,
  windows: readonly Interval[],
  cutoff: number,
  split: Split = WHOLE,
): Promise<Recomputed[]> {
  const body = context.definitions.metric(metric);
  if (body?.simple) return recomputeSimple(context, metric, windows, cutoff, split);
  if (body?.ratio) {
    const [top, bottom] = await Promise.all(
      [body.ratio.numerator, body.ratio.denominator].map((input) =>
        recompute(context, input.metric, windows, cutoff, split),
      ),
    );
    return windows.map((_, index) =>
      combined([top?.[index] ?? NOTHING, bottom?.[index] ?? NOTHING], ([a, b]) => ratio(a ?? null, b ?? null)),
    );
  }
  if (body?.derived) {
    const { inputs, expr } = body.derived;
    const expression = parseExpression(expr);
    const names = inputs.map(inputName);
    const answers = await Promise.all(inputs.map((input) => recompute(context, input.metric, windows, cutoff, split)));
    return windows.map((_, index) =>
      combined(
        answers.map((answer) => answer[index] ?? NOTHING),
        (values) => evaluate(expression, (name) => values[names.indexOf(name)] ?? null),
      ),
    );
  }
  return windows.map(() => NOTHING);
}

function combined(inputs: readonly Recomputed[], compute: (values: (Big | null)[]) => Big | null): Recomputed {
  return {
    ...combinedFigure(inputs, compute),
    onTime: combinedFigure(
      inputs.map(({ onTime }) => onTime),
      compute,
    ),
    withCopies: null,
    late: Math.max(...inputs.map(({ late }) => late)),
  };
}

/**
 * Sketches among the inputs make the result approximate; its error has no simple bound, so the same share is allowed.
 */
function combinedFigure(inputs: readonly Figure[], compute: (values: (Big | null)[]) => Big | null): Figure {
  const value = compute(inputs.map((input) => input.value));
  const approximate = inputs.some(({ low, high }) => low !== null && high !== null && !low.eq(high));
  const slack = approximate && value ? value.abs().times(2 * DISTINCT_ERROR) : new Big(0);
  const isEmpty = inputs.every((input) => input.isEmpty);
  return { value, low: value?.minus(slack) ?? null, high: value?.plus(slack) ?? null, isEmpty };
}

/** Whether a metric's figures are quotients, which cannot always be written out. */
export function isQuotient(body: MetricBody, definitions: Definitions): boolean {
  if (body.simple) return body.simple.agg === 'average';
  if (body.ratio || (body.derived && divides(parseExpression(body.derived.expr)))) return true;
  return inputsOf(body).some(({ input }) => {
    const target = definitions.metric(input.metric);
    return target !== undefined && isQuotient(target, definitions);
  });
}

async function recomputeSimple(
  context: SeriesContext,
  metric: string,
  windows: readonly Interval[],
  cutoff: number,
  split: Split,
): Promise<Recomputed[]> {
  const version = context.metrics.current(metric);
  const whole = version?.body.simple;
  const contract = whole && version.definitions.event(whole.event);
  const simple = contract && narrowedTo(whole, contract, split);
  if (!simple || !contract || windows.length === 0) return windows.map(() => NOTHING);
  const counts = simple.agg === 'count' || simple.agg === 'count_distinct';
  const found: Recomputed[] = windows.map(() => (counts ? ZERO : NOTHING));
  for (const row of await context.engine.select(recomputation(simple, contract, windows, cutoff))) {
    const figure = (name: 'all' | 'ontime'): Figure => {
      const n = Number(row[`${name}_n`]);
      const value = (column: string): Big | null => {
        if (!counts && n === 0) return null;
        const big = new Big(String(row[`${name}_${column}`]));
        return simple.agg === 'average' ? big.div(n) : big;
      };
      const [exact, low, high] = [value('v'), value('low'), value('high')];
      const slack =
        simple.agg === 'count_distinct' && simple.accuracy === 'approximate' && exact
          ? exact.times(DISTINCT_ERROR)
          : new Big(0);
      return { value: exact, low: low?.minus(slack) ?? null, high: high?.plus(slack) ?? null, isEmpty: n === 0 };
    };
    found[Number(row['w'])] = {
      ...figure('all'),
      onTime: figure('ontime'),
      withCopies: simple.agg === 'count' ? new Big(String(row['copies_n'])) : null,
      late: Number(row['late']),
    };
  }
  return found;
}
