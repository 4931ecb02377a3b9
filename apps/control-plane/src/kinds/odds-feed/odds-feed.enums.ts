import { SUSPENDED_DISPLAYS } from '@paddock/contracts';
import { enumOf } from '../rules/enum-of.js';

export const SuspendedDisplayEnum = enumOf(
  SUSPENDED_DISPLAYS,
  'SuspendedDisplay',
  'How the prices of a suspended market are shown.',
  {
    BLANK: 'No prices.',
    FROZEN: 'The last prices, marked as closed for bets.',
  },
);
