/** An exact decimal number: `unscaled` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

/** A quotient is rounded, half away from zero, to so many digits after the point. All else is exact. */
const QUOTIENT_PLACES = 20;

/** Reads `12`, `-0.5`, `4e-7`: a number as people or JavaScript write it. */
export function decimal(written: string | number): Decimal {
  const [mantissa = '', exponent = '0'] = String(written).toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const scale = fraction.length - Number(exponent);
  const unscaled = BigInt(`${whole}${fraction}`);
  return scale >= 0 ? { unscaled, scale } : { unscaled: unscaled * 10n ** BigInt(-scale), scale: 0 };
}

export const ZERO = decimal(0);

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { unscaled: atScale(a, scale) + atScale(b, scale), scale };
}

export function negate({ unscaled, scale }: Decimal): Decimal {
  return { unscaled: -unscaled, scale };
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { unscaled: a.unscaled * b.unscaled, scale: a.scale + b.scale };
}

/** The divisor is not 0. */
export function divide(a: Decimal, b: Decimal): Decimal {
  const dividend = a.unscaled * 10n ** BigInt(QUOTIENT_PLACES + b.scale);
  const divisor = b.unscaled * 10n ** BigInt(a.scale);
  const negative = dividend < 0n !== divisor < 0n;
  const rounded = (2n * magnitude(dividend) + magnitude(divisor)) / (2n * magnitude(divisor));
  return { unscaled: negative ? -rounded : rounded, scale: QUOTIENT_PLACES };
}

/** Negative where `a` is less than `b`, 0 where they are equal. */
export function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const [left, right] = [atScale(a, scale), atScale(b, scale)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The number with all its digits and none too many: `-0.5`, `12`. */
export function format({ unscaled, scale }: Decimal): string {
  const digits = magnitude(unscaled)
    .toString()
    .padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return `${unscaled < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** How many digits stand after the point, without zeros at the end. */
export function decimalPlaces(value: Decimal): number {
  return (format(value).split('.')[1] ?? '').length;
}

function atScale({ unscaled, scale }: Decimal, wanted: number): bigint {
  return unscaled * 10n ** BigInt(wanted - scale);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
