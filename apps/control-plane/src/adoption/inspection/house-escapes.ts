import { quoted, SourceError, type SourceSession } from '@paddock/foreign-database';
import type { CompiledMapping } from '../mapping/compiled-mapping.js';
import { cellText } from '../mapping/transforms.js';
import { cellSql } from '../rows/sql.js';
import { sampleOf, type SampledTable } from './column-roles.js';
import type { ColumnSchema, TableSchema } from './table-schema.js';

/** How the application of an old database stores text: some escape it for HTML on its way into a table. */
export type HouseEscapes =
  /** `yes`: its columns hold character references, and no text without them that would need one. */
  { escapes: 'yes' | 'mixed'; columns: readonly string[] } | { escapes: 'no' };

const REFERENCE = /&(?:amp|lt|gt|quot|apos|#0?39|#x27|nbsp);/i;
/** A character that escaping would have replaced. Markup that is stored as it is says nothing about plain text. */
const BARE = /&(?!#?\w+;)|<(?![a-z/!])/i;
const MARKUP = /<[a-z][^<>]{0,500}>/i;

/** Judges by all text columns of a table, since one of them alone may hold nothing that had to be escaped. Pure. */
export function houseEscapes(sampled: SampledTable): HouseEscapes {
  const columns = sampled.schema.columns
    .filter(isProse)
    .map((column) => ({ name: column.name, texts: sampleOf(sampled, column).filter((text) => !MARKUP.test(text)) }));
  const escaped = columns.filter(({ texts }) => texts.some((text) => REFERENCE.test(text))).map(({ name }) => name);
  if (escaped.length === 0) return { escapes: 'no' };
  return {
    escapes: columns.some(({ texts }) => texts.some((text) => BARE.test(text))) ? 'mixed' : 'yes',
    columns: escaped,
  };
}

/** Text that holds what such a house escapes. */
export function needsEscapes(text: string): boolean {
  return /[<>&"]/.test(text);
}

const SAMPLE_ROWS = 200;
const SAMPLE_BYTES = 2_000;

/** The same, of a table as it is now. */
export async function houseEscapesOf(session: SourceSession, schema: TableSchema): Promise<HouseEscapes> {
  return houseEscapes(await sampleProse(session, schema));
}

/** What of a mapping mixes text with and without character references. */
export async function escapeWarnings(session: SourceSession, { table, fields }: CompiledMapping): Promise<string[]> {
  const sampled = await sampleProse(session, table);
  const house = houseEscapes(sampled);
  const own = fields.filter(({ column }) => !column.joined && isProse(column.schema));
  const plain =
    house.escapes === 'no'
      ? []
      : own.filter(({ field }) => field.transform.type === 'TEXT').map(({ column }) => column.schema.name);
  const markup = own.filter(
    ({ field, column }) =>
      field.transform.type !== 'ESCAPED_HTML' &&
      sampleOf(
        sampled,
        sampled.schema.columns.find(({ name }) => name === column.schema.name),
      ).some(isEscapedMarkup),
  );
  return [
    ...(house.escapes === 'mixed'
      ? [`${table.name} has text with and without character references: ${house.columns.join(', ')} have some`]
      : []),
    ...(house.escapes !== 'no' && plain.length > 0
      ? [
          `${plain.join(', ')} is mapped by TEXT, while ${house.columns.join(', ')} show that the back office stores text with character references: they would be shown as they are; HTML_TEXT resolves them, and writes them`,
        ]
      : []),
    ...markup.map(
      ({ field, column }) =>
        `${column.schema.name} holds markup with character references, which ${field.transform.type} shows as text; ESCAPED_HTML resolves them first`,
    ),
  ];
}

/** Whether a text is markup that was escaped on its way into the table; false for unescaped markup. */
export function isEscapedMarkup(text: string): boolean {
  return /&lt;\/?[a-z][^<>&]{0,200}(?:&(?!lt;|gt;)[^<>&]{0,200}){0,20}&gt;/i.test(text) && !MARKUP.test(text);
}

async function sampleProse(session: SourceSession, schema: TableSchema): Promise<SampledTable> {
  const prose = { ...schema, columns: schema.columns.filter(isProse) };
  return { schema: prose, rows: prose.columns.length === 0 ? [] : await rowsOf(session, prose) };
}

async function rowsOf(
  session: SourceSession,
  { name: table, columns: prose }: TableSchema,
): Promise<SampledTable['rows']> {
  try {
    return await session.cells(
      `SELECT ${prose.map((column) => `LEFT(${cellSql(quoted(column.name), column)}, ${SAMPLE_BYTES})`).join(', ')} FROM ${quoted(table)} LIMIT ${SAMPLE_ROWS}`,
    );
  } catch (error) {
    if (!(error instanceof SourceError) || error.transient) throw error;
    return [];
  }
}

/** Columns in which people write: not keys, codes, numbers or JSON. */
function isProse({ family, dataType, charset, maxLength }: ColumnSchema): boolean {
  return (
    family === 'TEXT' &&
    charset !== null &&
    !['enum', 'set', 'json', 'time', 'uuid', 'inet4', 'inet6'].includes(dataType) &&
    (maxLength ?? 0) >= 20
  );
}

/** A cell as text, where it is some. */
export function proseOf(cell: Buffer | null, column: ColumnSchema): string {
  return cell ? (cellText(cell, column) ?? '') : '';
}
