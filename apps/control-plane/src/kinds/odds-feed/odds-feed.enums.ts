import { SUSPENDED_DISPLAYS } from '@paddock/contracts';
import { enumOf } from '../rules/enum-of.js';

export const SuspendedDisplayEnum = enumOf(
  SUSPENDED_DISPLAYS,
  'SuspendedDisplay',
  'What becomes of the prices of a suspended market.',
  {
    BLANK: 'There are none.',
    FROZEN: 'The last ones, marked as not to be bet on.',
  },
);
