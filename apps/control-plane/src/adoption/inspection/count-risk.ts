import type { AdoptionBody } from '@paddock/contracts';
import type { SourceSession } from '@paddock/foreign-database';
import { type CompiledMapping, compileMapping } from '../mapping/compiled-mapping.js';
import { cellShown } from '../mapping/map-row.js';
import { countRows, pageAfter } from '../rows/scan.js';
import type { SampledTable } from './column-roles.js';
import { type Risk, type RiskQuestion, rowsInWords } from './risk.js';
import { naturalKey, type TableSchema } from './table-schema.js';

const SAMPLE_KEYS = 3;

/** Counts the rows of a risk in the whole table; `undefined` without such rows. */
export async function countRisk(
  session: SourceSession,
  tables: readonly SampledTable[],
  { source, environment }: AdoptionBody,
  { where, without, sampled, say, ...risk }: RiskQuestion,
): Promise<Risk | undefined> {
  if (sampled !== undefined) return { ...risk, count: sampled, keys: [], what: say(rowsInWords(sampled)) };
  const schemas = tables.map(({ schema }) => schema);
  const table = schemas.find(({ name }) => name === risk.table);
  const mapping = table && asked(table, schemas, { source, environment, where: [...where] });
  if (!table || !mapping) return undefined;
  const all = await countRows(session, mapping);
  const having =
    without && asked(table, schemas, { source, environment, where: [...where], join: { ...without, required: true } });
  const count = having ? all - (await countRows(session, having)) : all;
  if (count <= 0) return undefined;
  const keys = having
    ? []
    : (await pageAfter(session, mapping, undefined, SAMPLE_KEYS)).map((row) =>
        mapping.body.key.map((_, at) => cellShown(row[at] ?? null, mapping, at) ?? 'NULL'),
      );
  return { ...risk, count, keys, what: say(rowsInWords(count)) };
}

/** A mapping that is only counted: it reads the key and what its conditions need. */
function asked(
  table: TableSchema,
  schemas: readonly TableSchema[],
  {
    source,
    environment,
    where,
    join,
  }: Pick<AdoptionBody, 'source' | 'environment' | 'join'> & { where: NonNullable<AdoptionBody['where']> },
): CompiledMapping | undefined {
  const key =
    naturalKey(table) ??
    table.columns
      .filter(({ family }) => family !== 'OTHER')
      .slice(0, 1)
      .map(({ name }) => name);
  const body: AdoptionBody = {
    ...{
      name: table.name,
      source,
      environment,
      mode: 'OBSERVE',
      table: table.name,
      key: [...key],
      documents: { kind: 'promo', keyPrefix: '' },
      fields: [],
    },
    where,
    ...(join ? { join } : {}),
  };
  const compiled = compileMapping(body, schemas);
  return compiled.ok ? compiled.mapping : undefined;
}
