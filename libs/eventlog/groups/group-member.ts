import { randomUUID } from 'node:crypto';
import { Fenced } from '../errors.js';
import type { Lease, Member, MemberOptions, Position } from '../event-log.js';
import type { LogStore } from '../log-store.js';
import { PartitionLoop } from '../partition-loop.js';
import { pause } from '../pause.js';
import type { Topic } from '../topic.js';
import { type Assignment, releasePartition, removeMember, renewMember } from './assignment.js';

const LEASE_MS = 5_000;
const LIMIT = 1_000;

interface OwnedPartition {
  readonly lease: Lease;
  readonly loop: PartitionLoop;
  /** Aborted when another member may own the partition already. */
  readonly lost: AbortController;
}

/** A member of a group over a {@link LogStore}: renews its lease four times per lease, and runs one loop per owned partition. */
export class GroupMember implements Member {
  readonly id = randomUUID();
  private readonly owned = new Map<number, OwnedPartition>();
  /** Loops of partitions that were lost while a call of `records` was under way: the next loop waits for its end. */
  private readonly ending = new Map<number, Promise<void>>();
  private readonly highest = new Map<number, number>();
  private readonly leaving = new AbortController();
  private readonly leaseMs: number;
  private readonly ended: Promise<void>;

  constructor(
    private readonly store: LogStore,
    private readonly topic: Topic,
    private readonly group: string,
    private readonly options: MemberOptions,
  ) {
    this.leaseMs = options.leaseMs ?? LEASE_MS;
    this.ended = this.run();
  }

  get partitions(): readonly number[] {
    return [...this.owned.keys()];
  }

  async acknowledge(lease: Lease, position: Position): Promise<void> {
    const ordinal = this.store.ordinal(position);
    if (ordinal <= (this.highest.get(lease.token) ?? -1)) return;
    await this.store.groups.acknowledge(lease, position);
    this.highest.set(lease.token, Math.max(ordinal, this.highest.get(lease.token) ?? -1));
  }

  async leave(): Promise<void> {
    this.leaving.abort();
    await this.ended;
  }

  private async run(): Promise<void> {
    let renewedAt = performance.now();
    while (!this.leaving.signal.aborted) {
      const askedAt = performance.now();
      try {
        this.follow(await this.renew());
        renewedAt = askedAt;
      } catch (error) {
        this.options.onError(error);
        // Others may own the partitions by now: work that is still running for them must not count.
        if (performance.now() - renewedAt > this.leaseMs) this.loseAll();
      }
      await pause(this.leaseMs / 4, this.leaving.signal);
    }
    await Promise.all([
      ...[...this.owned.values()].map((partition) => this.giveUp(partition)),
      ...this.ending.values(),
    ]);
    await this.store.groups
      .update(this.topic, this.group, (state) => ({ state: removeMember(state, this.id) }))
      .catch((error: unknown) => this.options.onError(error));
  }

  private renew(): Promise<Assignment> {
    const { partitions } = this.topic;
    return this.store.groups.update(this.topic, this.group, (state, now) =>
      renewMember(state, { member: this.id, now, leaseMs: this.leaseMs, partitions }),
    );
  }

  private follow({ owned, surplus }: Assignment): void {
    for (const partition of this.owned.values()) {
      if (owned.get(partition.lease.partition) !== partition.lease.token) this.lose(partition);
    }
    for (const [partition, token] of owned) {
      if (!this.owned.has(partition) && !surplus.includes(partition)) this.take(partition, token);
    }
    // Not awaited: a long call of `records` must not keep the lease from being renewed.
    for (const partition of surplus) void this.release(partition, owned.get(partition) ?? 0);
  }

  private take(partition: number, token: number): void {
    const lease: Lease = { topic: this.topic, group: this.group, partition, token };
    const lost = new AbortController();
    const loop = new PartitionLoop(() => this.begin(lease), {
      limit: this.options.limit ?? LIMIT,
      openReader: (after) => this.store.reader(this.topic, partition, after),
      records: async (records, attempt) => {
        if (lost.signal.aborted) return;
        await this.options.records({ records, lease, attempt, signal: lost.signal });
        const last = records.at(-1);
        if (last && this.options.autoAcknowledge !== false) await this.acknowledgeOrLose(lease, last.position);
      },
      lost: () => {
        this.options.lost(partition);
        return Promise.resolve(undefined);
      },
      onError: this.options.onError,
    });
    this.owned.set(partition, { lease, loop, lost });
  }

  private async begin(lease: Lease): Promise<Position | undefined> {
    await this.ending.get(lease.partition);
    const acknowledged = (await this.store.groups.acknowledged(this.topic, this.group))[lease.partition];
    const own = await this.options.assigned?.(lease, acknowledged);
    if (own ?? acknowledged) return own ?? acknowledged;
    return this.options.start === 'next' ? (await this.store.bounds(this.topic, lease.partition)).last : undefined;
  }

  private async acknowledgeOrLose(lease: Lease, position: Position): Promise<void> {
    try {
      await this.acknowledge(lease, position);
    } catch (error) {
      if (!(error instanceof Fenced)) throw error;
      const partition = this.owned.get(lease.partition);
      if (partition?.lease === lease) this.lose(partition);
    }
  }

  private loseAll(): void {
    for (const partition of this.owned.values()) this.lose(partition);
  }

  /** The partition belongs to another member: stops at once, without a message to the group. */
  private lose(partition: OwnedPartition): void {
    partition.lost.abort();
    this.owned.delete(partition.lease.partition);
    this.ending.set(
      partition.lease.partition,
      partition.loop.close().then(() => this.tellRevoked(partition.lease)),
    );
  }

  private async release(number: number, token: number): Promise<void> {
    const partition = this.owned.get(number);
    if (partition && partition.lease.token === token) await this.giveUp(partition);
    await this.store.groups
      .update(this.topic, this.group, (state) => ({ state: releasePartition(state, number, token) }))
      .catch((error: unknown) => this.options.onError(error));
  }

  private async giveUp(partition: OwnedPartition): Promise<void> {
    await partition.loop.close();
    if (this.owned.get(partition.lease.partition) !== partition) return;
    this.owned.delete(partition.lease.partition);
    await this.tellRevoked(partition.lease);
  }

  private async tellRevoked(lease: Lease): Promise<void> {
    this.highest.delete(lease.token);
    try {
      await this.options.revoked?.(lease);
    } catch (error) {
      this.options.onError(error);
    }
  }
}
