import type { Role } from './access.entity.js';

/** A role over kind × environment × site; `*` stands for all. */
export interface Grant {
  role: Role;
  kind: string;
  environment: string;
  site: string;
}

/** Who is doing something: a signed-in user, an API token, or the system itself. */
export interface Actor {
  /** The user's or token's id, or `system`; what audit rows and authorship name. */
  id: string;
  type: 'USER' | 'TOKEN' | 'SYSTEM';
  name: string;
  grants: readonly Grant[];
}

/** The installation itself: what the command line and the seed act as. */
export const SYSTEM: Actor = {
  id: 'system',
  type: 'SYSTEM',
  name: 'system',
  grants: [{ role: 'ADMIN', kind: '*', environment: '*', site: '*' }],
};

/** A caller who is not signed in: has no rights, but is named in the audit log. */
export const NOBODY: Actor = { id: 'nobody', type: 'SYSTEM', name: 'somebody not signed in', grants: [] };
