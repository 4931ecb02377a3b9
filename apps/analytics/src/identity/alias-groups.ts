/** An alias between two user ids: the first one was replaced by the second. */
export type Alias = readonly [from: string, user: string];

/**
 * The canonical id of each user id that has an alias: among the connected ids the one that no alias replaces, or the
 * smallest of several. Where every id was replaced (a cycle), the smallest of all. The result depends on the set of
 * aliases, never on their order.
 */
export function aliasGroups(aliases: Iterable<Alias>): Map<string, string> {
  const neighbours = new Map<string, Set<string>>();
  const replaced = new Set<string>();
  const connect = (one: string, other: string): unknown =>
    neighbours.set(one, (neighbours.get(one) ?? new Set()).add(other));
  for (const [from, user] of aliases) {
    if (from === user) continue;
    connect(from, user);
    connect(user, from);
    replaced.add(from);
  }
  const found = new Map<string, string>();
  for (const start of neighbours.keys()) {
    if (found.has(start)) continue;
    const group = connected(start, neighbours);
    const lasting = group.filter((id) => !replaced.has(id));
    const [name = start] = (lasting.length > 0 ? lasting : group).sort(byText);
    for (const id of group) found.set(id, name);
  }
  return found;
}

function connected(start: string, neighbours: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const group = new Set([start]);
  // Iterating a set includes members added during the iteration.
  for (const id of group) for (const next of neighbours.get(id) ?? []) group.add(next);
  return [...group];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
