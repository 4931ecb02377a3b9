import { Injectable } from '@nestjs/common';
import { Access } from '../access/access.js';
import { ClientKeyRow } from '../access/access.entity.js';
import type { Actor } from '../access/actor.js';
import { ACTIONS_OF_ROLE } from '../access/actions.js';
import { ALL } from '../access/ability.js';
import { Database } from '../database/database.js';
import type { Ordering } from '../graphql/lists/keyset.js';
import type { ListArgs } from '../graphql/lists/list-args.js';
import type { Order } from '../graphql/lists/order.js';
import { byQuery, readList } from '../graphql/lists/read-list.js';
import { Environments } from '../releases/environments.js';
import { FreezeWindowRow } from '../releases/release.entity.js';

export interface ClientKeyFilter {
  environment: string;
  consumer?: string;
  site?: string;
  /** Not revoked, or revoked. */
  active?: boolean;
}

export interface FreezeWindowFilter {
  environment: string;
  /** Windows that are open at some moment from `from`, inclusive, to `to`, exclusive. */
  from?: Date;
  to?: Date;
}

export const CLIENT_KEY_ORDER = {
  CREATED_AT: 'When it was made.',
  CONSUMER: 'The name of its holder.',
} as const;
export type ClientKeyOrderField = keyof typeof CLIENT_KEY_ORDER;

const CLIENT_KEYS: Ordering<ClientKeyRow, ClientKeyOrderField> = {
  fields: {
    CREATED_AT: { sql: 'k.id', type: 'text', of: ({ id }) => id },
    CONSUMER: { sql: 'k.consumer', type: 'text', of: ({ consumer }) => consumer },
  },
  unique: { sql: 'k.id', type: 'text', of: ({ id }) => id },
  uniqueDirection: 'DESC',
  whenAbsent: [],
};

export const FREEZE_WINDOW_ORDER = { STARTS_AT: 'When it begins.', ENDS_AT: 'When it ends.' } as const;
export type FreezeWindowOrderField = keyof typeof FREEZE_WINDOW_ORDER;

const FREEZE_WINDOWS: Ordering<FreezeWindowRow, FreezeWindowOrderField> = {
  fields: {
    STARTS_AT: { sql: 'f.startsAt', type: 'time', of: ({ startsAt }) => startsAt },
    ENDS_AT: { sql: 'f.endsAt', type: 'time', of: ({ endsAt }) => endsAt },
  },
  unique: { sql: 'f.id', type: 'text', of: ({ id }) => id },
  whenAbsent: [{ field: 'STARTS_AT', direction: 'ASC' }],
};

type Ordered<Field extends string> = ListArgs & { orderBy?: readonly Order<Field>[] | null };

/** Lists of what environments are set up with. */
@Injectable()
export class SettingsLists {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
    private readonly environments: Environments,
  ) {}

  /** The client keys that the actor manages. */
  clientKeys<Node>(
    actor: Actor,
    { environment, consumer, site, active }: ClientKeyFilter,
    args: Ordered<ClientKeyOrderField>,
    toNode: (row: ClientKeyRow) => Node,
    counted: boolean,
  ) {
    this.access.authorize(actor, 'settings:manage', { environment });
    return this.db.snapshot(async (manager) => {
      await this.environments.findOrThrow(manager, environment);
      const query = manager
        .createQueryBuilder(ClientKeyRow, 'k')
        .where('k.environment = :environment', { environment });
      const sites = managedSites(actor, environment);
      // A key without a site reads all of them: it takes a grant for all.
      if (sites) query.andWhere(sites.length > 0 ? 'k.site IN (:...sites)' : '1 = 0', { sites });
      if (consumer !== undefined) query.andWhere('k.consumer = :consumer', { consumer });
      if (site !== undefined) query.andWhere('k.site = :site', { site });
      if (active !== undefined) query.andWhere(`k.revokedAt IS ${active ? '' : 'NOT '}NULL`);
      return readList(args, CLIENT_KEYS, toNode, byQuery(query, counted));
    });
  }

  /** Freeze windows, those that are over too. */
  freezeWindows<Node>(
    actor: Actor,
    { environment, from, to }: FreezeWindowFilter,
    args: Ordered<FreezeWindowOrderField>,
    toNode: (row: FreezeWindowRow) => Node,
    counted: boolean,
  ) {
    this.access.authorize(actor, 'release:read', { environment });
    return this.db.snapshot(async (manager) => {
      await this.environments.findOrThrow(manager, environment);
      const query = manager
        .createQueryBuilder(FreezeWindowRow, 'f')
        .where('f.environment = :environment', { environment });
      if (from) query.andWhere('f.endsAt > :from', { from });
      if (to) query.andWhere('f.startsAt < :to', { to });
      return readList(args, FREEZE_WINDOWS, toNode, byQuery(query, counted));
    });
  }
}

/** The sites whose settings the actor manages in an environment; `undefined` for all of them. */
function managedSites(actor: Actor, environment: string): string[] | undefined {
  const sites = actor.grants
    .filter(({ role, kind }) => kind === ALL && ACTIONS_OF_ROLE[role].includes('settings:manage'))
    .filter((grant) => [ALL, environment].includes(grant.environment))
    .map(({ site }) => site);
  return sites.includes(ALL) ? undefined : sites;
}
