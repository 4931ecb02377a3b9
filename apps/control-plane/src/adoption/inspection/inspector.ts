import { quoted, type SourceSession } from '@paddock/foreign-database';
import { type Homepage, renderHomepage, viewsOf } from '../homepage/homepage.js';
import { cellText } from '../mapping/transforms.js';
import { cellSql } from '../rows/sql.js';
import type { SampledTable } from './column-roles.js';
import { SAMPLE_BYTES } from './inner-columns.js';
import { foreignKeys, introspect } from './introspect.js';
import { orNote } from './or-note.js';
import { encodingOf, MAX_NAMES, type Proposal, type ProposalOptions, type SettingNames } from './proposal.js';
import { propose } from './propose.js';
import { relationsOf } from './relations.js';
import { type ReviewedProposal, Reviewer } from './reviewer.js';
import { holdsSecret, isStructured } from './secrets.js';
import type { TableSchema } from './table-schema.js';

/** How much of a database one look takes in. */
const MAX_TABLES = 500;
const SAMPLE_ROWS = 100;
/** A column with more different values is not mapped value by value. */
const MAX_VALUES = 60;

export interface Inspection {
  tables: SampledTable[];
  proposals: ReviewedProposal[];
  /** The page that would result, for each language and shop. */
  homepages: Homepage[];
  /** What could not be looked at. */
  notes: string[];
}

/** What a look at a database is for. */
export type InspectionOptions = Pick<
  ProposalOptions,
  'source' | 'environment' | 'site' | 'timeZone' | 'language' | 'preferredLanguage' | 'shop'
>;

/** Looks at a foreign database: its tables, what stands in them, what they could become, and what would become of the rows. Reads only. */
export async function inspect(
  session: SourceSession,
  options: InspectionOptions,
  only: readonly string[] | undefined,
  now = Date.now(),
): Promise<Inspection> {
  const all = await introspect(session, only);
  const notes =
    all.length > MAX_TABLES
      ? [`only the first ${MAX_TABLES} of ${all.length} tables were looked at; name the others`]
      : [];
  const tables: SampledTable[] = [];
  for (const schema of all.slice(0, MAX_TABLES)) {
    const sampled = await sample(session, schema);
    if (sampled.note) notes.push(sampled.note);
    tables.push(sampled);
  }
  const values = new KnownValues(session, tables, notes);
  const relations = relationsOf(tables, await foreignKeys(session));
  const wanted = (choice: Pick<InspectionOptions, 'language' | 'shop'>) => ({
    ...options,
    ...(preferred === undefined ? {} : { preferredLanguage: preferred }),
    ...choice,
    relations,
    valuesOf: values.few,
    allValuesOf: values.all,
    settingsOf: values.settings,
  });
  let preferred = options.preferredLanguage;
  const reviewer = new Reviewer(session, tables, notes);
  const proposed = async (choice: Pick<InspectionOptions, 'language' | 'shop'>) => {
    // The first pass finds out which columns the second one needs all values of.
    propose(tables, wanted(choice));
    await values.ask();
    preferred ??= commonLanguage(propose(tables, wanted(choice)));
    return reviewer.review(propose(tables, wanted(choice)));
  };
  const chosen: Pick<InspectionOptions, 'language' | 'shop'> = {
    ...(options.language === undefined ? {} : { language: options.language }),
    ...(options.shop === undefined ? {} : { shop: options.shop }),
  };
  const reviewed = await proposed(chosen);
  const homepages: Homepage[] = [];
  for (const view of viewsOf(
    reviewed.map(({ proposal }) => proposal),
    chosen,
  )) {
    const seen = view.choice === chosen ? reviewed : await proposed(view.choice);
    const locale = seen.find(({ proposal }) => proposal.scope?.language !== undefined)?.proposal.scope?.language;
    const page = renderHomepage({
      documents: seen.flatMap((one) => one.documents),
      site: options.site,
      environment: options.environment,
      page: 'home',
      locale,
      now,
    });
    if (page) homepages.push({ ...page, language: view.choice.language ?? locale, shop: view.shop });
  }
  return { tables, proposals: reviewed.map(({ proposal }) => proposal), homepages, notes };
}

/** The language that most tables have most of: one page speaks one. */
function commonLanguage(proposals: readonly Proposal[]): string | undefined {
  const primary = proposals.flatMap(({ scope }) => scope?.language?.split('-')[0] ?? []);
  const counts = [...Map.groupBy(primary, (language) => language)].map(([language, same]) => ({
    language,
    count: same.length,
  }));
  return counts.toSorted((a, b) => b.count - a.count || Number(b.language === 'en') - Number(a.language === 'en'))[0]
    ?.language;
}

/** What is asked of the columns of a database in turn: a first pass of the proposals says what the second one needs. */
class KnownValues {
  private readonly asked = new Map<string, () => Promise<void>>();
  private readonly values = new Map<string, readonly string[]>();
  private readonly names = new Map<string, SettingNames>();

  constructor(
    private readonly session: SourceSession,
    private readonly tables: readonly SampledTable[],
    private readonly notes: string[],
  ) {}

  readonly all = (table: string, column: string): readonly string[] | undefined => {
    const name = JSON.stringify([table, column]);
    if (!this.asked.has(name))
      this.asked.set(name, () =>
        this.keep(table, this.values, name, () => distinct(this.session, this.tables, table, column)),
      );
    return this.values.get(name);
  };

  readonly few = (table: string, column: string): readonly string[] | undefined => short(this.all(table, column));

  readonly settings = (table: string, nameColumn: string, value: string): SettingNames | undefined => {
    const name = JSON.stringify([table, nameColumn, value]);
    if (!this.asked.has(name))
      this.asked.set(name, () =>
        this.keep(table, this.names, name, () => settingNames(this.session, this.tables, table, [nameColumn, value])),
      );
    return this.names.get(name);
  };

  async ask(): Promise<void> {
    for (const [name, ask] of this.asked) {
      this.asked.set(name, () => Promise.resolve());
      await ask();
    }
  }

  private async keep<T>(table: string, into: Map<string, T>, name: string, read: () => Promise<T>): Promise<void> {
    const values = await orNote(table, read);
    if ('note' in values) this.notes.push(values.note);
    else into.set(name, values.found);
  }
}

/** Names of settings whose values are no plain text, as far as is looked. */
async function settingNames(
  session: SourceSession,
  tables: readonly SampledTable[],
  table: string,
  columns: [name: string, value: string],
): Promise<SettingNames> {
  const schema = tables.find((one) => one.schema.name === table)?.schema;
  const [name, value] = columns.map((wanted) => schema?.columns.find((column) => column.name === wanted));
  if (!name || !value) return { secret: [], structured: [] };
  const rows = await session.cells(
    `SELECT ${cellSql(quoted(name.name), name)}, LEFT(${cellSql(quoted(value.name), value)}, 64000) FROM ${quoted(table)} LIMIT ${MAX_NAMES}`,
  );
  const named = rows.flatMap(([first, second]) => {
    const text = first ? cellText(first, name) : undefined;
    return text === undefined ? [] : [{ name: text, value: second ? (cellText(second, value) ?? '') : '' }];
  });
  const that = (meets: (text: string) => boolean) => [
    ...new Set(named.filter((one) => meets(one.value)).map((one) => one.name)),
  ];
  return { secret: that(holdsSecret), structured: that(isStructured) };
}

/** Names of settings may be many; groups may not. */
function short(values: readonly string[] | undefined): readonly string[] | undefined {
  return values && values.length <= MAX_VALUES ? values : undefined;
}

async function sample(session: SourceSession, schema: TableSchema): Promise<SampledTable & { note?: string }> {
  const cells = schema.columns.map((column) => `LEFT(${cellSql(quoted(column.name), column)}, ${SAMPLE_BYTES})`);
  // A broken view, or a crashed table, may show no columns at all; asking for a row says why.
  const rows = await orNote(schema.name, () =>
    session.cells(
      `SELECT ${cells.length > 0 ? cells.join(', ') : '*'} FROM ${quoted(schema.name)} LIMIT ${SAMPLE_ROWS}`,
    ),
  );
  if ('note' in rows) return { schema, rows: [], note: rows.note };
  return { schema, rows: cells.length > 0 ? rows.found : [] };
}

/** By their bytes: what a collation takes for the same is not the same to a mapping. */
async function distinct(
  session: SourceSession,
  tables: readonly SampledTable[],
  table: string,
  name: string,
): Promise<string[]> {
  const sampled = tables.find(({ schema }) => schema.name === table);
  const column = sampled?.schema.columns.find((schema) => schema.name === name);
  if (!sampled || !column) return [];
  const cell = cellSql(quoted(name), column);
  const rows = await session.cells(
    `SELECT DISTINCT ${cell} AS v FROM ${quoted(table)} WHERE ${quoted(name)} IS NOT NULL ORDER BY v LIMIT ${MAX_NAMES}`,
  );
  const encoding = encodingOf(sampled, column);
  return rows.flatMap(([value]) => (value ? (cellText(value, column, encoding) ?? []) : []));
}
