import { Check, found, type Rule, wrongType } from './check.js';

/** A whole number within bounds, both included. */
export function integer(min: number, max: number): Rule {
  return (value) => {
    if (typeof value !== 'number') return [wrongType(value, `an integer from ${min} to ${max}`)];
    if (Number.isInteger(value) && value >= min && value <= max) return [];
    return [{ code: 'OUT_OF_RANGE', message: `is ${found(value)}, expected an integer from ${min} to ${max}` }];
  };
}

export const Integer = (min: number, max: number): PropertyDecorator => Check(integer(min, max));
