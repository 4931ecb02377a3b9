import { COMPATIBILITY_MODES } from '@paddock/metrics';
import { enumOf } from '../rules/enum-of.js';

export const CompatibilityModeEnum = enumOf(
  COMPATIBILITY_MODES,
  'CompatibilityMode',
  'Which versions of an event must understand whose events.',
  {
    NONE: 'None. Events of before may be unreadable.',
    BACKWARD: 'Every event that is valid under the last version is valid under the new one.',
    BACKWARD_TRANSITIVE: 'Every event that is valid under any earlier version is valid under the new one.',
    FORWARD: 'Every event that is valid under the new version is valid under the last one.',
    FORWARD_TRANSITIVE: 'Every event that is valid under the new version is valid under every earlier one.',
    FULL: 'BACKWARD and FORWARD. Where schemas are open, no field can come or go.',
    FULL_TRANSITIVE: 'BACKWARD_TRANSITIVE and FORWARD_TRANSITIVE. Where schemas are open, no field can come or go.',
    DECLARED_TRANSITIVE:
      'As FULL_TRANSITIVE, for events that hold nothing but what their version declares: optional fields may come and go.',
  },
);
