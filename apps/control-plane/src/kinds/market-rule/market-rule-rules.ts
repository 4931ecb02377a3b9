import { RULE_EFFECTS } from '@paddock/contracts';
import { Check, type Finding, found, inTurn, isObject, type Rule, wrongType } from '../rules/check.js';
import { text } from '../rules/text.js';

const FIELDS = ['sport', 'competition', 'event', 'marketType', 'market'] as const;

/** What a market is about, as its source says it. */
export const MarketName = (): PropertyDecorator => Check(text({ max: 190, filled: true }));

/** Global ids name their feed; otherwise a rule would match that number in any feed. */
export const GlobalId = (): PropertyDecorator =>
  Check(
    inTurn(text({ max: 190, filled: true }), (value) =>
      /^[\x21-\x7e]+:[\x21-\x7e]+$/.test(String(value))
        ? []
        : [
            {
              code: 'INVALID_ID',
              message: `is ${found(value)}, expected the key of a feed, a colon and the id there: betfair:1.2416`,
            },
          ],
    ),
  );

/** `true`, or nothing. */
export const OnlyTrue = (): PropertyDecorator =>
  Check((value) =>
    typeof value === 'boolean'
      ? value
        ? []
        : [{ code: 'INVALID_VALUE', message: 'is false, expected true or nothing' }]
      : [wrongType(value, 'true or nothing')],
  );

export const Effect = (): PropertyDecorator =>
  Check((value) =>
    RULE_EFFECTS.some((effect) => effect === value)
      ? []
      : [{ code: 'INVALID_VALUE', message: `is ${found(value)}, expected one of ${RULE_EFFECTS.join(', ')}` }],
  );

/** Every market is meant only where that is said. */
export const matchFindings: Rule = (match) => {
  if (!isObject(match)) return [];
  const named = FIELDS.filter((field) => match[field] != null);
  if (match.everything == null) {
    return named.length > 0
      ? []
      : [
          {
            code: 'EMPTY_MATCH',
            message: `names none of ${FIELDS.join(', ')}; expected at least one, or everything: true where every market is meant`,
          },
        ];
  }
  return named.length === 0
    ? []
    : [
        {
          path: 'everything',
          code: 'NOT_ALLOWED',
          message: `is there together with ${named.join(' and ')}; expected either of them`,
        },
      ];
};

/**
 * A market's view comes from the client key, never from visitor input: an audience of devices or segments would
 * protect nothing.
 */
export const viewFindings: Rule = (audience) => {
  if (!isObject(audience)) return [];
  const unknown = Object.keys(audience).filter(
    (name) => name !== 'sites' && name !== 'jurisdictions' && audience[name] != null,
  );
  return unknown.map((name): Finding => ({
    path: name,
    code: 'NOT_ALLOWED',
    message: 'is not known from a client key; expected sites and jurisdictions alone',
  }));
};
