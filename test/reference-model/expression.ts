import { decimal } from './decimal.js';
import { exactly, type Figure, negative, over, plus, times } from './figure.js';

const TOKEN = /\d+(?:\.\d+)?|\$?[A-Za-z][\w.]*|[-+*/()]/g;

/**
 * Evaluates arithmetic over named figures, `(a - b) / b`, with the usual precedence. Null as soon as a figure is
 * missing or something is divided by 0.
 */
export function evaluate(text: string, figureOf: (name: string) => Figure | null): Figure | null {
  const tokens = text.match(TOKEN) ?? [];
  let next = 0;

  function sum(): Figure | null {
    let left = product();
    while (tokens[next] === '+' || tokens[next] === '-') {
      const subtracted = tokens[next++] === '-';
      const right = product();
      left = left && right && plus(left, subtracted ? negative(right) : right);
    }
    return left;
  }

  function product(): Figure | null {
    let left = factor();
    while (tokens[next] === '*' || tokens[next] === '/') {
      const divided = tokens[next++] === '/';
      const right = factor();
      left = left && right && (divided ? over(left, right) : times(left, right));
    }
    return left;
  }

  function factor(): Figure | null {
    const token = tokens[next++] ?? '';
    if (token === '(') {
      const inner = sum();
      next += 1;
      return inner;
    }
    if (token === '-') {
      const operand = factor();
      return operand && negative(operand);
    }
    return /^\d/.test(token) ? exactly(decimal(token)) : figureOf(token);
  }

  return sum();
}
