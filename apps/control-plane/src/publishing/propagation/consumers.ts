import { Injectable } from '@nestjs/common';
import { EMPTY_STATE } from '@paddock/contracts';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { Database } from '../../database/database.js';
import type { Ordering, Slice, SortKey } from '../../graphql/lists/keyset.js';
import type { ListArgs } from '../../graphql/lists/list-args.js';
import type { Order } from '../../graphql/lists/order.js';
import { inSlice, readList } from '../../graphql/lists/read-list.js';
import { Environments } from '../../releases/environments.js';
import { ReleaseRow } from '../../releases/release.entity.js';
import { ConsumerInstanceRow } from '../publishing.entity.js';
import type { ConsumerOrderField } from './consumer-order.js';
import { ConsumerInstance } from './consumers.object.js';

interface InstanceColumns extends Omit<ConsumerInstance, 'alive' | 'inSync' | 'appliedSeq'> {
  appliedSeq: string;
  alive: number;
  stateHash: string | null;
  expected: string | null;
}

/** Which instances a list has. */
export interface ConsumerFilter {
  environment: string;
  /** A class of receivers. */
  consumer?: string;
  alive?: boolean;
}

/** Instances whose changes are watched. */
const MAX_INSTANCES = 1_000;

const NAME: SortKey<ConsumerInstance> = {
  sql: `CONCAT(instance.consumer, ' ', instance.instance)`,
  type: 'text',
  of: ({ consumer, instance }) => `${consumer} ${instance}`,
};

const CONSUMER_ORDERING: Ordering<ConsumerInstance, ConsumerOrderField> = {
  fields: {
    NAME,
    APPLIED_SEQ: { sql: 'instance.appliedSeq', type: 'number', of: ({ appliedSeq }) => appliedSeq },
    SEEN_AT: { sql: 'instance.seenAt', type: 'time', of: ({ seenAt }) => seenAt },
    STARTED_AT: { sql: 'instance.startedAt', type: 'time', of: ({ startedAt }) => startedAt },
  },
  unique: NAME,
  whenAbsent: [],
};

/** The registry of consumer instances. */
@Injectable()
export class Consumers {
  constructor(
    private readonly db: Database,
    private readonly environments: Environments,
  ) {}

  /** All instances of an environment. */
  all(environment: string): Promise<ConsumerInstance[]> {
    return readInstances(instancesOf(this.db.manager, { environment }), {
      ...{ where: undefined, parameters: {}, orderBy: [[NAME.sql, 'ASC']], limit: MAX_INSTANCES },
    });
  }

  /**
   * Instances of an environment, as a page of a list.
   * @throws ProblemError where the environment does not exist
   */
  list(
    filter: ConsumerFilter,
    args: ListArgs & { orderBy?: readonly Order<ConsumerOrderField>[] | null },
    counted: boolean,
  ) {
    return this.db.snapshot(async (manager) => {
      await this.environments.findOrThrow(manager, filter.environment);
      const query = () => instancesOf(manager, filter);
      return readList(args, CONSUMER_ORDERING, (instance: ConsumerInstance) => instance, {
        slice: (slice) => readInstances(query(), slice),
        count: counted ? () => query().getCount() : undefined,
      });
    });
  }
}

/** The fields that make a change of an instance visible: not the renewal of its lease, which happens every few seconds. */
export function standingOf({ alive, appliedSeq, inSync, startedAt, host, version }: ConsumerInstance): string {
  return JSON.stringify([alive, appliedSeq, inSync, startedAt, host, version]);
}

type InstanceQuery = SelectQueryBuilder<ConsumerInstanceRow>;

function instancesOf(manager: EntityManager, { environment, consumer, alive }: ConsumerFilter): InstanceQuery {
  const query = manager
    .createQueryBuilder(ConsumerInstanceRow, 'instance')
    .where('instance.environment = :environment', { environment });
  if (consumer !== undefined) query.andWhere('instance.consumer = :consumer', { consumer });
  if (alive !== undefined) query.andWhere('(instance.leaseExpiresAt > UTC_TIMESTAMP(3)) = :alive', { alive });
  return query;
}

async function readInstances(query: InstanceQuery, slice: Slice): Promise<ConsumerInstance[]> {
  query.leftJoin(
    ReleaseRow,
    'applied',
    'applied.environment = instance.environment AND applied.seq = instance.appliedSeq',
  );
  query.select('instance.consumer', 'consumer');
  for (const name of [
    'instance',
    'environment',
    'appliedSeq',
    'stateHash',
    'startedAt',
    'seenAt',
    'leaseExpiresAt',
    'host',
    'version',
  ])
    query.addSelect(`instance.${name}`, name);
  query.addSelect('instance.leaseExpiresAt > UTC_TIMESTAMP(3)', 'alive').addSelect('applied.stateHash', 'expected');
  const rows: InstanceColumns[] = await inSlice(query, slice).getRawMany();
  return rows.map(({ appliedSeq, alive, stateHash, expected, ...rest }) =>
    Object.assign(new ConsumerInstance(), rest, {
      appliedSeq: Number(appliedSeq),
      alive: Boolean(Number(alive)),
      inSync: stateHash === (Number(appliedSeq) === 0 ? EMPTY_STATE : expected),
    }),
  );
}
