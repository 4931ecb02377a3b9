import { RULE_EFFECTS } from '@paddock/contracts';
import { enumOf } from '../rules/enum-of.js';

export const RuleEffectEnum = enumOf(
  RULE_EFFECTS,
  'RuleEffect',
  'The effect of a rule on markets. Among equally specific rules, the first effect in this list counts.',
  {
    HIDE: 'The market does not exist for the view: no id, name or count of it leaves.',
    SUSPEND: 'It is there without prices.',
    SHOW: 'It is shown as it is: an exception from a wider rule.',
    FEATURE: 'It is shown before others.',
  },
);
