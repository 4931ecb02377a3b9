import { isTimeZone } from '@paddock/time-zones';
import { Check, found, type Finding, inTurn, type Rule, wrongType } from '../rules/check.js';
import { text } from '../rules/text.js';

/** Longest name of a table or column that MySQL takes. */
const MAX_IDENTIFIER = 64;

/** A table or a column, or `table.column`; that it exists is found out at the source. */
export const Identifier = (): PropertyDecorator => Check(text({ max: 2 * MAX_IDENTIFIER + 1, filled: true }));

/** One of some words. */
export function oneOf(options: readonly string[]): Rule {
  return (value) => {
    if (typeof value === 'string' && options.includes(value)) return [];
    return [{ code: 'UNKNOWN_VALUE', message: `is ${found(value)}, expected one of ${options.join(', ')}` }];
  };
}

export const OneOf = (options: readonly string[]): PropertyDecorator => Check(oneOf(options));

/** A list of some of the words. */
export function SomeOf(options: readonly string[]): PropertyDecorator {
  const rule = oneOf(options);
  return Check((value) => {
    if (!Array.isArray(value)) return [wrongType(value, `a list of ${options.join(', ')}`)];
    if (value.length > options.length)
      return [{ code: 'TOO_MANY', message: `has ${value.length} members, at most ${options.length} are allowed` }];
    return value.flatMap((member: unknown, at): Finding[] =>
      rule(member).map((finding) => ({ path: `[${at}]`, ...finding })),
    );
  });
}

/** A list of texts, each once. */
export function Texts({ max, length }: { max: number; length: number }): PropertyDecorator {
  const rule = text({ max: length });
  return Check((value) => {
    if (!Array.isArray(value)) return [wrongType(value, `a list of at most ${max} texts`)];
    if (value.length > max)
      return [{ code: 'TOO_MANY', message: `has ${value.length} members, at most ${max} are allowed` }];
    return value.flatMap((member: unknown, at): Finding[] =>
      rule(member).map((finding) => ({ path: `[${at}]`, ...finding })),
    );
  });
}

export const TimeZone = (): PropertyDecorator =>
  Check(
    inTurn(text({ max: 60 }), (value) =>
      isTimeZone(String(value))
        ? []
        : [
            {
              code: 'UNKNOWN_TIME_ZONE',
              message: `is ${found(value)}, expected an IANA name such as Europe/London, or UTC`,
            },
          ],
    ),
  );

/** The beginning of keys: empty, or what a key may begin with. */
export const KeyPrefix = (): PropertyDecorator =>
  Check(
    inTurn(text({ max: 60 }), (value) =>
      /^(?:[a-z0-9]+(?:[-_.][a-z0-9]+)*[-_.]?)?$/.test(String(value))
        ? []
        : [
            {
              code: 'INVALID_KEY',
              message: `is ${found(value)}, expected the beginning of a key: lower-case words joined by - _ or .`,
            },
          ],
    ),
  );

/** A text or a whole number. */
export const TextOrNumber = (): PropertyDecorator =>
  Check((value) => {
    if (typeof value === 'number')
      return Number.isSafeInteger(value)
        ? []
        : [{ code: 'OUT_OF_RANGE', message: `is ${value}, expected a whole number` }];
    return text({ max: 2_000 })(value);
  });

export const Flag = (): PropertyDecorator =>
  Check((value) => (typeof value === 'boolean' ? [] : [wrongType(value, 'true or false')]));
