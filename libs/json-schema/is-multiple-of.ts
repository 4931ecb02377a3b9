/** A decimal number: `digits` times ten to the power of `exponent`. */
interface Decimal {
  digits: bigint;
  exponent: number;
}

/** A double has at most 17 significant digits, so no more factors of ten can divide them. */
const MAX_DIGITS = 17;
/** Decimals of this many digits have distinct nearest doubles. */
const EXACT_BELOW = 1e15;
const MAX_PLACES = 15;
/** Bound of the shift in {@link remainder}: the exponents of two doubles differ by less. */
const MAX_SHIFT = 1_000;

/**
 * Makes the test whether a number is a whole multiple of `step`, in decimal: numbers mean what JSON writes, so 19.99 is a
 * multiple of 0.01, although neither has an exact double. A step that is not above 0 divides nothing but 0.
 */
export function isMultipleOf(step: number): (value: number) => boolean {
  const divisor = decimalOf(step);
  const places = Math.max(0, -divisor.exponent);
  const scale = 10 ** places;
  const scaledStep = Math.round(step * scale);
  if (
    places > MAX_PLACES ||
    !(scaledStep > 0) ||
    scaledStep >= EXACT_BELOW ||
    decimalOf(scaledStep / scale).digits !== divisor.digits
  )
    return (value) => divides(divisor, value);
  return (value) => {
    const scaled = Math.round(value * scale);
    if (Math.abs(scaled) >= EXACT_BELOW) return divides(divisor, value);
    // Not equal: the number has more places than the step.
    return scaled / scale === value && scaled % scaledStep === 0;
  };
}

function divides(divisor: Decimal, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  const dividend = decimalOf(value);
  if (dividend.digits === 0n) return true;
  return divisor.digits !== 0n && remainder(dividend, divisor) === 0n;
}

function remainder(dividend: Decimal, divisor: Decimal): bigint {
  const shift = dividend.exponent - divisor.exponent;
  if (shift >= 0) return (dividend.digits * 10n ** BigInt(Math.min(shift, MAX_SHIFT))) % divisor.digits;
  return -shift > MAX_DIGITS ? 1n : dividend.digits % (divisor.digits * 10n ** BigInt(-shift));
}

/** The shortest decimal that reads back as this number, which is how JSON writes it; without trailing zeros. */
function decimalOf(number: number): Decimal {
  const [mantissa = '0', power = '0'] = number.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}
