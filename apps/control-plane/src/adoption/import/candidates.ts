import { ALL_SITES, canonicalJson, sha256Hex } from '@paddock/contracts';
import type { ConfigKind } from '../../documents/config-kind.js';
import type { FieldProblem } from '../../graphql/problems.js';
import { assembleBody } from '../mapping/assemble-body.js';
import type { CompiledMapping, Row } from '../mapping/compiled-mapping.js';
import { cellShown, type MappedRow, mapRow, type RowProblem, shortened } from '../mapping/map-row.js';
import { rowHash } from '../rows/row-hash.js';

/** A row on its way to a document. */
export interface CandidateRow {
  cells: Row;
  hash: string;
  keyHash: string;
  mapped: MappedRow;
  /** The document is made without this row, because it is no valid setting. */
  isLeftOut?: boolean;
}

/** A bad value, or a bad setting, that the document is made without. */
export interface LeftOut extends RowProblem {
  /** What names its row. */
  key: readonly string[];
}

/** A document that one row makes, or several together. */
export interface Candidate {
  rows: CandidateRow[];
  site: string;
  /** Absent where no row gives one. */
  key: string | undefined;
  /** Absent where it is no valid document. */
  made: { body: string; sha256: string; label: string } | undefined;
  problems: RowProblem[];
  leftOut: LeftOut[];
}

/** What rows would become, each judged by the kind of the document. Pure. */
export function candidates(rows: readonly Row[], mapping: CompiledMapping, kind: ConfigKind): Candidate[] {
  const read = (cells: Row): CandidateRow => ({
    ...{ cells, hash: rowHash(cells), keyHash: rowHash(cells.slice(0, mapping.keyLength)) },
    mapped: mapRow(cells, mapping),
  });
  // Row by row: what was found out about a text while it was made need not be found out again.
  if (!mapping.gatherAt) return rows.map((cells) => candidate([read(cells)], mapping, kind));
  const groups = Map.groupBy(rows.map(read), ({ mapped }) => mapped.documentKey);
  return [...groups.values()].map((group) => candidate(group, mapping, kind));
}

function candidate(all: CandidateRow[], mapping: CompiledMapping, kind: ConfigKind): Candidate {
  const { kind: name, gatherBy, site = ALL_SITES } = mapping.body.documents;
  // A component is whole without one of its settings; a layout without one of its items is another layout.
  const isBadSetting = ({ mapped }: CandidateRow) =>
    name === 'component' && gatherBy !== undefined && mapped.problems.length > 0;
  const rows = all.every(isBadSetting) ? all : all.filter((row) => !isBadSetting(row));
  for (const row of all) row.isLeftOut = !rows.includes(row);
  const key = all[0]?.mapped.documentKey;
  const found = { rows: all, site, key, made: undefined, leftOut: all.flatMap(leftOutOf) };
  const problems = [...rows.flatMap(({ mapped }) => mapped.problems), ...sameSettings(rows, mapping)];
  if (problems.length > 0 || key === undefined) return { ...found, problems };
  const parsed = kind.parse(
    assembleBody(
      mapping.body.documents,
      rows.map(({ mapped }) => mapped.values),
    ),
  );
  if (!parsed.ok) return { ...found, problems: parsed.problems.map((problem) => locate(problem, rows, mapping)) };
  const body = canonicalJson(parsed.body);
  return {
    ...found,
    made: { body, sha256: sha256Hex(body), label: kind.label(parsed.body).slice(0, 300) },
    problems: [],
  };
}

function leftOutOf({ mapped, isLeftOut }: CandidateRow): LeftOut[] {
  const settings = isLeftOut
    ? mapped.problems.map((problem) => ({ ...problem, outcome: 'SETTING_LEFT_OUT' as const }))
    : [];
  return [...settings, ...mapped.leftOut].map((problem) => ({ ...problem, key: mapped.rowKey }));
}

/** Finds the column behind a problem of a body: the one whose field is at or above its path. */
function locate(
  { path, code, message }: FieldProblem,
  rows: readonly CandidateRow[],
  mapping: CompiledMapping,
): RowProblem {
  const source = mapping.fields.find(
    ({ field }) =>
      path === field.field ||
      path.startsWith(`${field.field}.`) ||
      path.startsWith(`${field.field}[`) ||
      field.field.startsWith(`${path}.`),
  );
  const [row] = rows;
  const value =
    source && row && rows.length === 1 ? shortened(cellShown(row.cells[source.at] ?? null, mapping, source.at)) : null;
  return { column: source?.column.ref ?? '', value, code, why: `${path}: ${message}` };
}

/** Settings of one name in one component: none wins by chance. */
function sameSettings(rows: readonly CandidateRow[], { fields }: CompiledMapping): RowProblem[] {
  const column = fields.find(({ field }) => field.field === 'setting.name')?.column.ref;
  if (column === undefined) return [];
  const first = new Map<string, string>();
  return rows.flatMap(({ mapped }): RowProblem[] => {
    const name = mapped.values.find(([path]) => path === 'setting.name')?.[1];
    if (typeof name !== 'string') return [];
    const row = mapped.rowKey.join(', ');
    const other = first.get(name);
    if (other === undefined) first.set(name, row);
    return other === undefined
      ? []
      : [
          {
            column,
            value: shortened(name),
            code: 'SAME_SETTING',
            why: `is set by the row ${other} too, in one component; gather by what tells them apart`,
          },
        ];
  });
}
