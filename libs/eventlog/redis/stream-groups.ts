import { Fenced } from '../errors.js';
import type { Lease, Position } from '../event-log.js';
import { EMPTY_GROUP, type GroupState } from '../groups/assignment.js';
import type { GroupStore } from '../log-store.js';
import type { Topic } from '../topic.js';
import type { Connection } from './connection.js';
import { ACKNOWLEDGE, COMPARE_AND_SET } from './scripts.js';
import { streamKeys } from './stream-keys.js';
import { parsePosition } from './stream-position.js';

/** Groups as one JSON value each, changed by compare-and-set; the clock is Redis's. */
export class StreamGroups implements GroupStore {
  constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
  ) {}

  async update<T extends { readonly state: GroupState }>(
    topic: Topic,
    group: string,
    change: (state: GroupState, now: number) => T,
  ): Promise<T> {
    const key = streamKeys(this.prefix, topic).group(group);
    for (;;) {
      const [json, [seconds = 0, micros = 0]] = await this.connection.command((redis) =>
        Promise.all([redis.get(key), redis.time()]),
      );
      const changed = change(
        json === null ? EMPTY_GROUP : parseState(json),
        seconds * 1_000 + Math.floor(micros / 1_000),
      );
      const set = await this.connection.script(COMPARE_AND_SET, [key], [json ?? '', JSON.stringify(changed.state)]);
      if (set === 1) return changed;
    }
  }

  async acknowledged(topic: Topic, group: string): Promise<(Position | undefined)[]> {
    const key = streamKeys(this.prefix, topic).acknowledged(group);
    const positions = await this.connection.command((redis) => redis.hgetall(key));
    return Array.from({ length: topic.partitions }, (_, partition) => asPosition(positions[partition]));
  }

  async acknowledge(lease: Lease, position: Position): Promise<void> {
    const keys = streamKeys(this.prefix, lease.topic);
    const noted = await this.connection.script(
      ACKNOWLEDGE,
      [keys.group(lease.group), keys.acknowledged(lease.group)],
      [lease.partition, lease.token, position],
    );
    if (noted !== 1) throw new Fenced(lease.group, lease.partition);
  }

  async reset(topic: Topic, group: string, positions: readonly (Position | undefined)[]): Promise<void> {
    const key = streamKeys(this.prefix, topic).acknowledged(group);
    const known = positions.flatMap((position, partition) => (position ? [[partition, position] as const] : []));
    await this.connection.command((redis) => {
      const transaction = redis.multi().del(key);
      for (const [partition, position] of known) transaction.hset(key, partition, position);
      return transaction.exec();
    });
  }
}

function parseState(json: string): GroupState {
  const state: GroupState = JSON.parse(json);
  return state;
}

function asPosition(text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  const position = text as Position;
  parsePosition(position);
  return position;
}
