import { MAX_DECIMAL_ODDS, type Thousandths, toThousandths } from '@paddock/contracts';

/**
 * Ids of markets, events and runners: 1 to 190 printable ASCII characters without markup or quotes, so that an id can be
 * shown, logged and stored anywhere as it is.
 */
const ID = /^[\x21\x23-\x25\x28-\x3b\x3d\x3f-\x5b\x5d-\x5f\x61-\x7e]{1,190}$/;

export const ID_RULE = 'ids must be 1 to 190 printable ASCII characters without blanks, markup and quotes';

/** Whether a source's id, or one made of it, may pass the border. */
export function isSourceId(id: string): boolean {
  return ID.test(id);
}

/** Runner ids are names in some sources: letters of any script and single blanks are allowed, markup and control characters are not. */
const RUNNER_ID = /^(?! )(?:[^\p{C}\p{Z}<>&"`\\]| (?=[^ ])){1,190}$/u;

export const RUNNER_ID_RULE =
  'ids of runners must be 1 to 190 characters without markup, double quotes and control characters';

/** Whether a runner's id may pass the border. */
export function isRunnerId(id: string | number): boolean {
  return typeof id === 'number' ? Number.isSafeInteger(id) : RUNNER_ID.test(id);
}

/** Digits and one point, as all feeds write decimals; no sign, exponent, comma, blank or other base. */
const PLAIN_DECIMAL = /^\d{1,9}(\.\d{1,12})?$/;

/**
 * A decimal price as a source wrote it, in thousandths. `null` is "no price": absent, or 1.0 and below, at which no bet
 * can win. `undefined` is what cannot be read: the price may be any, so the caller must not leave an old one standing.
 */
export function readPrice(value: unknown): Thousandths | null | undefined {
  if (value === undefined || value === null || value === '') return null;
  const decimal = readDecimal(value);
  if (decimal === undefined || decimal > MAX_DECIMAL_ODDS) return undefined;
  return toThousandths(decimal);
}

/** American odds: +150 wins 150 on 100, -200 wins 100 on 200; values between -100 and +100 are invalid. */
export function readAmericanPrice(value: unknown): Thousandths | null | undefined {
  if (value === undefined || value === null || value === '') return null;
  const sign = typeof value === 'string' && /^[+-]/.test(value) ? value[0] : '+';
  const size = readDecimal(
    typeof value === 'string' ? value.replace(/^[+-]/, '') : typeof value === 'number' ? Math.abs(value) : value,
  );
  if (size === undefined || size < 100) return undefined;
  const negative = typeof value === 'number' ? value < 0 : sign === '-';
  return readPrice(negative ? 1 + 100 / size : 1 + size / 100);
}

/** A number of zero or more, as JSON has it or as plain digits. */
function readDecimal(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  return typeof value === 'string' && PLAIN_DECIMAL.test(value) ? Number(value) : undefined;
}
