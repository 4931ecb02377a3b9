import { Injectable } from '@nestjs/common';
import { EMPTY_STATE } from '#contracts';
import { Database } from '../../database/database.js';
import { Environments } from '../../releases/environments.js';
import { ConsumerInstance } from './consumers.object.js';

interface InstanceColumns extends Omit<ConsumerInstance, 'alive' | 'inSync' | 'appliedSeq'> {
  appliedSeq: string;
  alive: number;
  stateHash: string | null;
  expected: string | null;
}

/** The registry of who receives what is published. */
@Injectable()
export class Consumers {
  constructor(
    private readonly db: Database,
    private readonly environments: Environments,
  ) {}

  /**
   * Instances of an environment after one of them, by consumer and instance.
   * @throws ProblemError where there is no such environment
   */
  async list(
    environment: string,
    limit: number,
    [consumer, instance]: readonly [string, string],
  ): Promise<ConsumerInstance[]> {
    await this.environments.mustFind(this.db.manager, environment);
    const rows: InstanceColumns[] = await this.db.manager.query(
      `SELECT c.consumer, c.instance, c.environment, c.applied_seq AS appliedSeq, c.state_hash AS stateHash, c.started_at AS startedAt,
         c.seen_at AS seenAt, c.lease_expires_at AS leaseExpiresAt, c.lease_expires_at > UTC_TIMESTAMP(3) AS alive, r.state_hash AS expected
       FROM consumer_instance c
       LEFT JOIN \`release\` r ON r.environment = c.environment AND r.seq = c.applied_seq
       WHERE c.environment = ? AND (c.consumer > ? OR (c.consumer = ? AND c.instance > ?))
       ORDER BY c.consumer, c.instance LIMIT ?`,
      [environment, consumer, consumer, instance, limit],
    );
    return rows.map(({ appliedSeq, alive, stateHash, expected, ...rest }) =>
      Object.assign(new ConsumerInstance(), rest, {
        appliedSeq: Number(appliedSeq),
        alive: Boolean(Number(alive)),
        inSync: stateHash === (Number(appliedSeq) === 0 ? EMPTY_STATE : expected),
      }),
    );
  }
}
