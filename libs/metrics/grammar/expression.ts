import { Big } from 'big.js';

/** Arithmetic over names: fields of an event, or aliases of other metrics. Typed from the start; no text of it reaches SQL. */
export type Expression =
  | { kind: 'number'; value: string }
  | { kind: 'name'; name: string }
  | { kind: 'negate'; of: Expression }
  | { kind: 'binary'; operator: '+' | '-' | '*' | '/'; left: Expression; right: Expression };

const TOKEN =
  /\s*(?:(\d{1,12}(?:\.\d{1,6})?(?![\d.]))|(\$?[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*)|([-+*/()]))/y;
const MAX_LENGTH = 500;
const MAX_DEPTH = 20;

/** The position and the reason of a syntax error. */
export class ExpressionError extends Error {}

/**
 * Reads `price * (quantity - returned)`.
 * @throws ExpressionError
 */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_LENGTH)
    throw new ExpressionError(`has ${text.length} characters, at most ${MAX_LENGTH} are allowed`);
  const parser = new Parser(tokens(text));
  const expression = parser.sum(0);
  parser.end();
  return expression;
}

/** The names an expression uses, each once. */
export function namesIn(expression: Expression): string[] {
  return [...new Set(allNames(expression))];
}

/** How many digits a number has before its point, and after it. */
export interface Digits {
  whole: number;
  decimals: number;
}

/** The digits that the exact result of an expression may have, without divisions; `field` are those of each name. */
export function digitsOf(expression: Expression, field: Digits): Digits {
  switch (expression.kind) {
    case 'number': {
      const [whole = '', decimals = ''] = new Big(expression.value).abs().toFixed().split('.');
      return { whole: whole === '0' ? 0 : whole.length, decimals: decimals.length };
    }
    case 'name':
      return field;
    case 'negate':
      return digitsOf(expression.of, field);
    case 'binary': {
      const [left, right] = [digitsOf(expression.left, field), digitsOf(expression.right, field)];
      if (expression.operator === '*')
        return { whole: left.whole + right.whole, decimals: left.decimals + right.decimals };
      return { whole: Math.max(left.whole, right.whole) + 1, decimals: Math.max(left.decimals, right.decimals) };
    }
  }
}

/** Whether it divides anywhere. */
export function divides(expression: Expression): boolean {
  if (expression.kind === 'negate') return divides(expression.of);
  return (
    expression.kind === 'binary' &&
    (expression.operator === '/' || divides(expression.left) || divides(expression.right))
  );
}

function allNames(expression: Expression): string[] {
  switch (expression.kind) {
    case 'number':
      return [];
    case 'name':
      return [expression.name];
    case 'negate':
      return allNames(expression.of);
    case 'binary':
      return [...allNames(expression.left), ...allNames(expression.right)];
  }
}

interface Token {
  kind: 'number' | 'name' | 'sign';
  text: string;
  at: number;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const [, number, name, sign] = TOKEN.exec(text) ?? [];
    const kind = number !== undefined ? 'number' : name !== undefined ? 'name' : 'sign';
    const value = number ?? name ?? sign;
    if (value === undefined)
      throw new ExpressionError(
        `cannot be read from character ${at + 1} on: ${JSON.stringify(text.slice(at, at + 20))}`,
      );
    found.push({ kind, text: value, at });
  }
  return found;
}

/** Recursive descent: sum → product → factor. */
class Parser {
  private next = 0;

  constructor(private readonly list: readonly Token[]) {}

  sum(depth: number): Expression {
    let left = this.product(depth);
    for (;;) {
      const operator = this.takeSign('+', '-');
      if (operator !== '+' && operator !== '-') return left;
      left = { kind: 'binary', operator, left, right: this.product(depth) };
    }
  }

  end(): void {
    const rest = this.list[this.next];
    if (rest)
      throw new ExpressionError(`has ${JSON.stringify(rest.text)} where it should end, at character ${rest.at + 1}`);
  }

  private product(depth: number): Expression {
    let left = this.factor(depth);
    for (;;) {
      const operator = this.takeSign('*', '/');
      if (operator !== '*' && operator !== '/') return left;
      left = { kind: 'binary', operator, left, right: this.factor(depth) };
    }
  }

  private factor(depth: number): Expression {
    if (depth > MAX_DEPTH) throw new ExpressionError(`is nested more than ${MAX_DEPTH} deep`);
    if (this.takeSign('-')) return { kind: 'negate', of: this.factor(depth + 1) };
    if (this.takeSign('(')) {
      const inner = this.sum(depth + 1);
      if (!this.takeSign(')')) throw new ExpressionError('lacks a closing parenthesis');
      return inner;
    }
    const token = this.list[this.next];
    if (!token || token.kind === 'sign')
      throw new ExpressionError(
        token ? `has ${JSON.stringify(token.text)} where a name or number should be` : 'ends too early',
      );
    this.next += 1;
    return token.kind === 'number' ? { kind: 'number', value: token.text } : { kind: 'name', name: token.text };
  }

  private takeSign(...signs: string[]): string | undefined {
    const token = this.list[this.next];
    if (token?.kind !== 'sign' || !signs.includes(token.text)) return undefined;
    this.next += 1;
    return token.text;
  }
}
