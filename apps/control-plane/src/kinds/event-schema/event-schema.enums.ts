import { COMPATIBILITY_MODES } from '#metrics';
import { enumOf } from '../rules/enum-of.js';

export const CompatibilityModeEnum = enumOf(COMPATIBILITY_MODES, 'CompatibilityMode', 'Which versions of an event must understand whose events.', {
  NONE: 'None. Events of before may be unreadable.',
  BACKWARD: 'The new version reads events of the last one.',
  BACKWARD_TRANSITIVE: 'The new version reads events of every earlier one.',
  FORWARD: 'The last version reads events of the new one.',
  FORWARD_TRANSITIVE: 'Every earlier version reads events of the new one.',
  FULL: 'The new and the last version read each other.',
  FULL_TRANSITIVE: 'The new and every earlier version read each other: what raw events that are kept for years need.',
});
