/** The members of a group and the owners of its partitions. Plain JSON: it is stored beside the log. */
export interface GroupState {
  /** Member → until when its lease holds, in milliseconds of the log's clock. */
  readonly members: Readonly<Record<string, number>>;
  /** Partition → its owner. */
  readonly owners: Readonly<Record<string, Owner>>;
  /** The highest token given so far. */
  readonly token: number;
}

export interface Owner {
  readonly member: string;
  readonly token: number;
}

export const EMPTY_GROUP: GroupState = { members: {}, owners: {}, token: 0 };

/** The answer to a member's heartbeat. */
export interface Assignment {
  readonly state: GroupState;
  /** The partitions that it owns, with their tokens. */
  readonly owned: ReadonlyMap<number, number>;
  /** Those of them that it should give up as soon as it can, because others have too few. */
  readonly surplus: readonly number[];
}

/**
 * Renews a member's lease, forgets members whose lease is over, and gives the member free partitions up to its fair
 * share. No partition is taken from its owner while the lease holds: a member with too many is asked to give some up, so
 * a partition never has two owners. Members that hold more already get the larger shares, so that little moves.
 */
export function renewMember(
  before: GroupState,
  { member, now, leaseMs, partitions }: { member: string; now: number; leaseMs: number; partitions: number },
): Assignment {
  const members = Object.fromEntries(
    Object.entries({ ...before.members, [member]: now + leaseMs }).filter(([, until]) => until > now),
  );
  const owners = Object.fromEntries(
    Object.entries(before.owners).filter(
      ([partition, owner]) => owner.member in members && Number(partition) < partitions,
    ),
  );
  const mine = Object.keys(owners).filter((partition) => owners[partition]?.member === member);
  const share = fairShare(member, Object.keys(members), owners, partitions);
  let { token } = before;
  for (let partition = 0; partition < partitions && mine.length < share; partition += 1) {
    if (owners[partition]) continue;
    token += 1;
    owners[partition] = { member, token };
    mine.push(String(partition));
  }
  const owned = new Map(mine.map((partition) => [Number(partition), owners[partition]?.token ?? 0]));
  return { state: { members, owners, token }, owned, surplus: [...owned.keys()].slice(share) };
}

function fairShare(
  member: string,
  members: readonly string[],
  owners: GroupState['owners'],
  partitions: number,
): number {
  const held = new Map(members.map((name) => [name, 0]));
  for (const { member: owner } of Object.values(owners)) held.set(owner, (held.get(owner) ?? 0) + 1);
  const ranked = [...held]
    .sort(([a, heldByA], [b, heldByB]) => heldByB - heldByA || (a < b ? -1 : 1))
    .map(([name]) => name);
  const larger = ranked.indexOf(member) < partitions % members.length;
  return Math.floor(partitions / members.length) + (larger ? 1 : 0);
}

/** Gives one partition up, if it is still the member's. */
export function releasePartition(state: GroupState, partition: number, token: number): GroupState {
  if (state.owners[partition]?.token !== token) return state;
  const { [partition]: _released, ...owners } = state.owners;
  return { ...state, owners };
}

/** Forgets a member and whatever it owned. */
export function removeMember(state: GroupState, member: string): GroupState {
  const { [member]: _left, ...members } = state.members;
  const owners = Object.fromEntries(Object.entries(state.owners).filter(([, owner]) => owner.member !== member));
  return { ...state, members, owners };
}
