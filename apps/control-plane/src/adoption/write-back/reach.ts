import { SourceError, type SourceSession } from '@paddock/foreign-database';
import { introspect } from '../inspection/introspect.js';
import { explainEffect, needsAcceptance, type SideEffect, sideEffectsByTable } from '../inspection/side-effects.js';
import type { TableSchema } from '../inspection/table-schema.js';
import { type WholeRow, wholeRows } from '../rows/scan.js';
import { columnSql } from '../rows/sql.js';
import { type Dependent, dependentName, keyOfDependents, merged } from './dependents.js';
import { literal } from './row-statements.js';

/** What a write does beside its row: what it sets off, and every row of other tables that it deletes or clears. */
export interface Reach {
  /** Each effect that it sets off, with the rows that it reaches; none for triggers. */
  effects: readonly { effect: SideEffect; rows?: number }[];
  dependents: readonly Dependent[];
  /** Why some of the rows could not be put back. */
  problems: readonly string[];
}

/** A write to one row, as far as its reach depends on it. */
export interface ReachingWrite {
  on: SideEffect['on'];
  /** The row before; `undefined` where it is added. */
  row: WholeRow | undefined;
  /** The columns that an UPDATE changes. */
  changed: ReadonlySet<string>;
}

/** A write that affects more rows is refused, even if the mapping accepts it: more rows are not kept. */
export const MAX_DEPENDENTS = 5_000;
/** Rows whose dependents are read by one statement. */
const PORTION = 100;

/** Follows foreign keys from rows of a table to the rows of others, through any number of tables. Reads only. */
export class Reaches {
  private readonly schemas = new Map<string, Promise<TableSchema | undefined>>();
  private readonly effects = new Map<string, Promise<SideEffect[]>>();

  /** With `lock`, what is found can neither change nor be referred to before the transaction ends. */
  constructor(
    private readonly session: SourceSession,
    private readonly lock = false,
  ) {}

  /** The effects of writes to a table that have to be accepted by name, and of the writes which they set off in turn. */
  async all(table: string): Promise<SideEffect[]> {
    const found = new Map<string, SideEffect>();
    const tables = [table];
    for (const name of tables) {
      for (const effect of await this.effectsOf(name)) {
        // A foreign key sets off no triggers in the tables that it reaches.
        if (name !== table && effect.cause === 'TRIGGER') continue;
        found.set(JSON.stringify([effect.database, effect.table, effect.name, effect.on]), effect);
        if (effect.cause === 'FOREIGN_KEY' && !effect.elsewhere && !tables.includes(effect.table))
          tables.push(effect.table);
      }
    }
    return [...found.values()];
  }

  /** Does a write to a table set anything off at all? */
  async any(table: string): Promise<boolean> {
    return (await this.effectsOf(table)).some(needsAcceptance);
  }

  /** Everything that one write reaches. */
  async of(table: TableSchema, { on, row, changed }: ReachingWrite): Promise<Reach> {
    // A rollback is the opposite statement, and must not be refused for what that one sets off.
    const ways: readonly SideEffect['on'][] = on === 'UPDATE' ? [on] : ['DELETE', 'INSERT'];
    const triggers = (await this.effectsOf(table.name)).filter(
      (effect) => effect.cause === 'TRIGGER' && ways.includes(effect.on) && needsAcceptance(effect),
    );
    const effects: { effect: SideEffect; rows?: number }[] = triggers.map((effect) => ({ effect }));
    if (on === 'INSERT' || !row) return { effects, dependents: [], problems: [] };
    const keys = await this.followed({ schema: table, rows: [row], on, changed });
    const problems = new Set(keys.problems);
    for (const { table: name, op } of keys.dependents) {
      // Nothing fires when a foreign key changes them; to put them back is a statement like any other.
      const fired = (await this.effectsOf(name)).filter(
        (effect) =>
          effect.cause === 'TRIGGER' &&
          effect.on === (op === 'DELETED' ? 'INSERT' : 'UPDATE') &&
          effect.effect !== 'CHECKS',
      );
      for (const effect of fired)
        if (!effects.some((other) => other.effect.name === effect.name)) effects.push({ effect });
    }
    return { effects: [...keys.effects, ...effects], dependents: keys.dependents, problems: [...problems] };
  }

  private async followed(start: Step): Promise<Reach> {
    const counts = new Map<SideEffect, Set<string>>();
    const dependents: Dependent[] = [];
    const problems: string[] = [];
    const updated = new Set<string>();
    const gone = new Set(start.on === 'DELETE' ? start.rows.map((row) => nameOf(start.schema, row)) : []);
    const steps = [start];
    for (const step of steps) {
      for (const effect of await this.effectsOf(step.schema.name)) {
        if (effect.cause !== 'FOREIGN_KEY' || effect.on !== step.on) continue;
        if (step.on === 'UPDATE' && !effect.columns.some(({ referred }) => step.changed.has(referred))) continue;
        const child = await this.childrenOf(effect, step);
        if ('problem' in child) {
          problems.push(child.problem);
          counts.set(effect, new Set());
          continue;
        }
        const { schema, rows } = child;
        const met = (row: WholeRow) => `${effect.name} ${nameOf(schema, row)}`;
        const fresh = rows.filter((row) => !gone.has(nameOf(schema, row)) && !updated.has(met(row)));
        if (fresh.length === 0) continue;
        if (effect.effect !== 'DELETES') for (const row of fresh) updated.add(met(row));
        counts.set(effect, new Set([...(counts.get(effect) ?? []), ...fresh.map((row) => nameOf(schema, row))]));
        const key = keyOfDependents(schema);
        const cleared = effect.columns.map(({ referring }) => referring);
        if (effect.effect === 'CHANGES') {
          steps.push({ schema, rows: fresh, on: 'UPDATE', changed: new Set(cleared) });
          continue;
        }
        if (!key) problems.push(`no unique key names the rows of ${schema.name}, so they could not be put back`);
        else
          dependents.push(
            ...fresh.map((row): Dependent => ({
              table: schema.name,
              op: effect.effect === 'DELETES' ? 'DELETED' : 'CLEARED',
              key,
              cleared: effect.effect === 'DELETES' ? [] : cleared,
              row,
            })),
          );
        if (effect.effect === 'DELETES') for (const row of fresh) gone.add(nameOf(schema, row));
        if (dependents.length > MAX_DEPENDENTS)
          return {
            effects: countsOf(counts),
            dependents: [],
            problems: [...problems, `it reaches more than ${MAX_DEPENDENTS} rows, which are not kept for a rollback`],
          };
        steps.push({
          schema,
          rows: fresh,
          on: effect.effect === 'DELETES' ? 'DELETE' : 'UPDATE',
          changed: new Set(cleared),
        });
      }
    }
    return { effects: countsOf(counts), dependents: merged(dependents), problems };
  }

  /** The rows that refer to some rows by a foreign key. */
  private async childrenOf(
    effect: SideEffect,
    { schema: parent, rows }: Step,
  ): Promise<{ schema: TableSchema; rows: WholeRow[] } | { problem: string }> {
    if (effect.elsewhere)
      return { problem: `the foreign key ${effect.name} reaches ${effect.table} of another database` };
    try {
      const schema = await this.schemaOf(effect.table);
      if (!schema) return { problem: `${effect.table} cannot be read` };
      const found: WholeRow[] = [];
      for (let from = 0; from < rows.length && found.length <= MAX_DEPENDENTS; from += PORTION) {
        const wanted = rows.slice(from, from + PORTION).flatMap((row) => refersSql(effect, parent, schema, row) ?? []);
        if (wanted.length > 0)
          found.push(
            ...(await wholeRows(this.session, schema, wanted.join(' OR '), {
              limit: MAX_DEPENDENTS + 1,
              lock: this.lock,
            })),
          );
      }
      return { schema, rows: found };
    } catch (error) {
      if (!(error instanceof SourceError) || error.transient) throw error;
      return {
        problem: `the rows of ${effect.table} that the foreign key ${effect.name} reaches cannot be read: ${error.message}`,
      };
    }
  }

  private schemaOf(table: string): Promise<TableSchema | undefined> {
    return remembered(this.schemas, table, async () => (await introspect(this.session, [table]))[0]);
  }

  private effectsOf(table: string): Promise<SideEffect[]> {
    return remembered(
      this.effects,
      table,
      async () => (await sideEffectsByTable(this.session, [table])).get(table) ?? [],
    );
  }
}

/** Rows of one table that are deleted or changed at once. */
interface Step {
  schema: TableSchema;
  rows: readonly WholeRow[];
  on: 'DELETE' | 'UPDATE';
  changed: ReadonlySet<string>;
}

/** What keeps a write with such a reach from being made: effects that the mapping does not accept, and rows that could not be put back. */
export function unaccepted(
  { effects, problems }: Pick<Reach, 'effects' | 'problems'>,
  accepts: readonly string[] = [],
): { why: string; mend: string }[] {
  const refused = effects.filter(({ effect }) => !accepts.includes(effect.name));
  return [
    ...refused.map(({ effect, rows }) => ({
      why: explainEffect(effect, rows),
      mend: `name ${effect.name} in accepts of the mapping where that is meant`,
    })),
    ...problems.map((why) => ({ why, mend: 'remove what refers to it in the old database first' })),
  ];
}

/** Rows that refer to this one; `undefined` where none can, because a referred column is NULL. */
function refersSql(
  { columns }: SideEffect,
  parent: TableSchema,
  child: TableSchema,
  row: WholeRow,
): string | undefined {
  const pairs = columns.map(({ referring, referred }) => {
    const schema = child.columns.find(({ name }) => name === referring);
    const own = parent.columns.find(({ name }) => name === referred);
    const cell = row.get(referred) ?? null;
    return schema && own && cell !== null
      ? `${columnSql({ joined: false, schema })} = ${literal(cell, own)}`
      : undefined;
  });
  return pairs.every((pair) => pair !== undefined) ? `(${pairs.join(' AND ')})` : undefined;
}

function countsOf(counts: ReadonlyMap<SideEffect, ReadonlySet<string>>): { effect: SideEffect; rows?: number }[] {
  return [...counts].map(([effect, { size }]) => ({ effect, ...(size > 0 ? { rows: size } : {}) }));
}

/** A row among all rows: by its key, or by everything that it holds. */
function nameOf(schema: TableSchema, row: WholeRow): string {
  return dependentName({ table: schema.name, key: keyOfDependents(schema) ?? [...row.keys()], row });
}

function remembered<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const made = cache.get(key) ?? make();
  cache.set(key, made);
  return made;
}
