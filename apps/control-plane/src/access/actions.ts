import type { Role } from './access.entity.js';

/** Everything that can be permitted. */
export const ACTIONS = [
  'document:read',
  'document:write',
  'release:read',
  'release:create',
  /** Publish, roll back, schedule, cancel. */
  'release:publish',
  /** Promote a release from one environment into another; checked for the target environment. */
  'release:promote',
  /** Sites, environment policies, client keys, freeze windows. */
  'settings:manage',
  /** Users and their grants. */
  'access:manage',
  /** Audit entries about documents and releases that the actor may read. */
  'activity:read',
  /** The whole log: everything that anyone did. */
  'audit:read',
  /** Queues and failed jobs. */
  'operations:manage',
] as const;
export type Action = (typeof ACTIONS)[number];

const VIEWER: readonly Action[] = ['document:read', 'release:read'];
const EDITOR: readonly Action[] = [...VIEWER, 'document:write', 'release:create', 'activity:read'];
const PUBLISHER: readonly Action[] = [...EDITOR, 'release:publish', 'release:promote'];

/** The actions of each role within its grant, defined only here; each role includes the ones before it. */
export const ACTIONS_OF_ROLE: Readonly<Record<Role, readonly Action[]>> = { VIEWER, EDITOR, PUBLISHER, ADMIN: ACTIONS };

/** The least role that may do it. */
export function leastRoleFor(action: Action): Role {
  const order = ['VIEWER', 'EDITOR', 'PUBLISHER'] as const;
  return order.find((role) => ACTIONS_OF_ROLE[role].includes(action)) ?? 'ADMIN';
}
