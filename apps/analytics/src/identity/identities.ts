import { LRUCache } from 'lru-cache';
import { PERSONS_COLUMNS, PERSONS_DDL, PERSONS_TABLE, textLiteral } from '@paddock/metrics';
import type { Engine } from '../store/engine.js';
import { lines } from '../store/store.js';
import { type Alias, aliasGroups } from './alias-groups.js';
import { type IdentityLink, LINK_COLUMNS, linkRow } from './link.js';

/** Recently seen links, because nearly every event of a signed-in visitor repeats one. */
const KNOWN_LINKS = 200_000;
/** Ids in one statement. */
const IDS_AT_ONCE = 5_000;

const TABLES = [
  // The received links, each once with its earliest time. `id` is looked up by the key, `user` by the index.
  'CREATE TABLE IF NOT EXISTS identity_links (id String, user String, alias Bool, at SimpleAggregateFunction(min, Int64), INDEX by_user user TYPE bloom_filter GRANULARITY 1) ENGINE = AggregatingMergeTree ORDER BY (id, user, alias)',
  // The derived person of each id that is not its own person. Rollups are computed by it, so it changes only after
  // their windows were marked.
  'CREATE TABLE IF NOT EXISTS identities (id String, person String, changed UInt64) ENGINE = ReplacingMergeTree(changed) ORDER BY id',
  PERSONS_DDL,
];

/**
 * Resolves ids to persons. A user id stands for itself, or for the user that aliases connect it with. Any other id is
 * anonymous and belongs to the user of its earliest link; of two links at the same time, to the smaller id. The result
 * depends on the set of links, never on their order ({@link aliasGroups} for aliases).
 */
export class Identities {
  private readonly known = new LRUCache<string, number>({ max: KNOWN_LINKS });
  private readonly aliases = new Map<string, Alias>();

  private constructor(private readonly engine: Engine) {}

  static async open(engine: Engine): Promise<Identities> {
    for (const table of TABLES) await engine.run(table);
    const identities = new Identities(engine);
    for (const row of await engine.select('SELECT DISTINCT id, user FROM identity_links WHERE alias'))
      identities.addAlias(String(row['id']), String(row['user']));
    await engine.run(`TRUNCATE TABLE ${PERSONS_TABLE}`);
    await engine.run(
      `INSERT INTO ${PERSONS_TABLE} (${PERSONS_COLUMNS.join(', ')}) SELECT id, person FROM identities FINAL`,
    );
    return identities;
  }

  /**
   * Stores links. Before the person of any id changes, `changing` is called with these ids, so that windows computed
   * from their events can be marked first. Repeating it after a crash completes the work.
   */
  async learn(links: readonly IdentityLink[], changing: (ids: readonly string[]) => Promise<void>): Promise<void> {
    const fresh = links.filter(
      (link) => link.from !== link.user && link.at < (this.known.get(keyOf(link)) ?? Infinity),
    );
    if (fresh.length === 0) return;
    await this.engine.insert('identity_links', LINK_COLUMNS, lines(fresh.map(linkRow)));
    for (const { from, user, alias } of fresh) if (alias) this.addAlias(from, user);
    const changed = await this.changes(new Set(fresh.flatMap(({ from, user }) => [from, user])));
    if (changed.size > 0) {
      await changing([...changed.keys()]);
      await this.write(changed);
    }
    for (const link of fresh) this.known.set(keyOf(link), link.at);
  }

  /** The ids whose person changed, among those that links touched and all ids that depend on them. */
  private async changes(touched: ReadonlySet<string>): Promise<Map<string, string>> {
    const groups = aliasGroups(await this.userAliases());
    const own = new Set([...touched].map((id) => groups.get(id)));
    const grouped = [...groups].filter(([, name]) => own.has(name)).map(([id]) => id);
    const before = await this.personsOf(grouped);
    const regrouped = grouped.filter((id) => (before.get(id) ?? id) !== groups.get(id));
    const dependents = await this.select(
      regrouped,
      (ids) => `SELECT DISTINCT id FROM identity_links WHERE user IN (${ids})`,
    );
    const candidates = [...new Set([...touched, ...grouped, ...dependents.map(({ id }) => String(id))])];
    const [current, resolved] = [await this.personsOf(candidates), await this.resolve(candidates, groups)];
    return new Map(
      candidates.flatMap((id) => {
        const person = resolved.get(id) ?? id;
        return (current.get(id) ?? id) === person ? [] : [[id, person] as const];
      }),
    );
  }

  /** The rule of this class, for some ids. */
  private async resolve(ids: readonly string[], groups: ReadonlyMap<string, string>): Promise<Map<string, string>> {
    const users = await this.usersAmong(ids);
    const firsts = await this.select(
      ids.filter((id) => !users.has(id)),
      (some) => `SELECT id, argMin(user, (at, user)) AS first FROM identity_links WHERE id IN (${some}) GROUP BY id`,
    );
    const named = (id: string): string => groups.get(id) ?? id;
    return new Map([
      ...[...users].map((id) => [id, named(id)] as const),
      ...firsts.map(({ id, first }) => [String(id), named(String(first))] as const),
    ]);
  }

  /** Aliases between ids that were given as user ids; one whose old id never was is like any link of an anonymous id. */
  private async userAliases(): Promise<Alias[]> {
    const aliases = [...this.aliases.values()];
    const users = await this.usersAmong(aliases.map(([from]) => from));
    return aliases.filter(([from]) => users.has(from));
  }

  private async usersAmong(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.select(ids, (some) => `SELECT DISTINCT user FROM identity_links WHERE user IN (${some})`);
    return new Set(rows.map(({ user }) => String(user)));
  }

  private async personsOf(ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.select(ids, (some) => `SELECT id, person FROM identities FINAL WHERE id IN (${some})`);
    return new Map(rows.map(({ id, person }) => [String(id), String(person)]));
  }

  /** The table that answers use is written first: if the second write fails, the same change is found again. */
  private async write(changed: ReadonlyMap<string, string>): Promise<void> {
    const now = Date.now();
    await this.engine.insert(PERSONS_TABLE, PERSONS_COLUMNS, lines([...changed].map(([id, person]) => [id, person])));
    await this.engine.insert(
      'identities',
      [...PERSONS_COLUMNS, 'changed'],
      lines([...changed].map(([id, person]) => [id, person, now])),
    );
  }

  private async select(ids: readonly string[], sql: (literals: string) => string) {
    const rows = [];
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE)
      rows.push(
        ...(await this.engine.select(
          sql(
            ids
              .slice(start, start + IDS_AT_ONCE)
              .map(textLiteral)
              .join(', '),
          ),
        )),
      );
    return rows;
  }

  private addAlias(from: string, user: string): void {
    this.aliases.set(JSON.stringify([from, user]), [from, user]);
  }
}

function keyOf({ from, user, alias }: IdentityLink): string {
  return JSON.stringify([from, user, alias]);
}
