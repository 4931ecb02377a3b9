import { type EntityManager, IsNull } from 'typeorm';
import { ClientKeyRow } from '../access/access.entity.js';
import type { Visitors } from './unseen.js';

/** What client keys that are not revoked bind their holders to; of one environment, or of all of them. */
export function bindingsOf(manager: EntityManager, environment?: string): Promise<Visitors['clientKeys']> {
  return manager.find(ClientKeyRow, {
    select: { id: true, site: true, jurisdiction: true },
    where: { revokedAt: IsNull(), ...(environment === undefined ? {} : { environment }) },
  });
}
