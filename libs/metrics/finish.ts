import { Big } from 'big.js';
import type { Expression } from './grammar/expression.js';
import type { Finish } from './sql/compile-measure.js';

Big.DP = 20;

/** The results of a measure's parts, by their names; texts where numbers may exceed what JSON keeps exactly. */
export type ReadParts = Readonly<Record<string, string | number | null | undefined>>;

/** The value of a measure; `null` where there is nothing to aggregate (but a count and a distinct count are 0). */
export function finish(how: Finish, parts: ReadParts): Big | null {
  const read = (name: string): Big => new Big(parts[name] ?? 0);
  switch (how) {
    case 'count':
      return read('n');
    case 'distinct':
      return read('u');
    case 'sum':
      return read('c').eq(0) ? null : read('s');
    case 'average':
      return read('c').eq(0) ? null : read('s').div(read('c'));
    case 'extreme':
      return parts['m'] === null || read('c').eq(0) ? null : read('m');
    case 'percentile':
      return read('c').eq(0) || parts['q'] === 'nan' ? null : read('q');
  }
}

/** Ratio of two numbers; `null` where one is missing or the denominator is 0. */
export function ratio(numerator: Big | null, denominator: Big | null): Big | null {
  if (numerator === null || denominator === null || denominator.eq(0)) return null;
  return numerator.div(denominator);
}

/** Evaluates arithmetic over named numbers; `null` as soon as one is missing or something is divided by 0. */
export function evaluate(expression: Expression, value: (name: string) => Big | null): Big | null {
  switch (expression.kind) {
    case 'number':
      return new Big(expression.value);
    case 'name':
      return value(expression.name);
    case 'negate':
      return evaluate(expression.of, value)?.times(-1) ?? null;
    case 'binary': {
      const left = evaluate(expression.left, value);
      const right = evaluate(expression.right, value);
      if (left === null || right === null) return null;
      switch (expression.operator) {
        case '+':
          return left.plus(right);
        case '-':
          return left.minus(right);
        case '*':
          return left.times(right);
        case '/':
          return ratio(left, right);
      }
    }
  }
}
