import { type AdoptionBody, type AdoptionField, joinsOf } from '@paddock/contracts';
import { FieldProblem } from '../../graphql/problems.js';
import { fieldPath, fits } from './field-paths.js';
import { parsePath } from './inner-values.js';
import { transformOf } from './transforms.js';

/** Every mistake of a mapping that does not depend on the table. */
export function mappingProblems(mapping: AdoptionBody): FieldProblem[] {
  return [
    ...shapeProblems(mapping),
    ...mapping.fields.flatMap((field, at) => fieldProblems(mapping, field, `fields[${at}]`)),
    ...joinProblems(mapping),
    ...fixedProblems(mapping),
    ...writeBackProblems(mapping),
  ];
}

function shapeProblems({ mode, documents, mirror, key, fields, fixed = [] }: AdoptionBody): FieldProblem[] {
  const { kind, gatherBy } = documents;
  const has = (path: string) => [...fields, ...fixed].some(({ field }) => field === path);
  const needs = {
    promo: ['title'],
    component: has('setting.value') ? ['name', 'setting.name'] : ['name'],
    layout: ['page', 'slot'],
  }[kind];
  return [
    ...(key.length === 0 ? [new FieldProblem('key', 'TOO_FEW', 'needs at least one column')] : []),
    ...(kind === 'layout' && !gatherBy
      ? [
          new FieldProblem(
            'documents.gatherBy',
            'REQUIRED',
            'is required: a layout is made of many rows; an empty list makes one layout of all of them',
          ),
        ]
      : []),
    ...(kind === 'promo' && gatherBy
      ? [new FieldProblem('documents.gatherBy', 'NOT_ALLOWED', 'a promo is made of one row')]
      : []),
    ...(mode === 'MIRROR' && !mirror ? [new FieldProblem('mirror', 'REQUIRED', 'is required in mode MIRROR')] : []),
    ...needs
      .filter((path) => !has(path))
      .map((path) => new FieldProblem('fields', 'MISSING_FIELD', `nothing gives ${path}, which every ${kind} needs`)),
    ...duplicates(key).map((name) => new FieldProblem('key', 'DUPLICATE', `${name} stands there twice`)),
  ];
}

function fieldProblems(mapping: AdoptionBody, field: AdoptionField, at: string): FieldProblem[] {
  const transform = transformOf(field.transform.type);
  const given = Object.entries(field.transform).filter(([name, value]) => name !== 'type' && value !== undefined);
  const path = fieldPath(mapping.documents, field.field);
  const first = mapping.fields.find((other) => other.field === field.field);
  return [
    ...(path
      ? []
      : [
          new FieldProblem(
            `${at}.field`,
            'UNKNOWN_FIELD',
            `${JSON.stringify(field.field)} is no field of a ${mapping.documents.kind} that a column can give`,
          ),
        ]),
    ...(path && !fits(field.transform.type, path)
      ? [
          new FieldProblem(
            `${at}.transform`,
            'TRANSFORM_DOES_NOT_FIT',
            `${field.transform.type} gives nothing that can stand in ${field.field}`,
          ),
        ]
      : []),
    ...(path && !path.list && first !== field
      ? [new FieldProblem(`${at}.field`, 'DUPLICATE', `${field.field} is given by another column as well`)]
      : []),
    ...given
      .filter(([name]) => !transform.options.some((option) => option === name))
      .map(
        ([name]) => new FieldProblem(`${at}.transform.${name}`, 'NOT_ALLOWED', `${transform.type} takes no ${name}`),
      ),
    ...(transform.required ?? [])
      .filter((name) => field.transform[name] === undefined)
      .map((name) => new FieldProblem(`${at}.transform.${name}`, 'REQUIRED', `${transform.type} needs ${name}`)),
    ...(field.path !== undefined && !parsePath(field.path)
      ? [
          new FieldProblem(
            `${at}.path`,
            'INVALID_PATH',
            `is ${JSON.stringify(field.path.slice(0, 60))}, expected steps such as title, images[0].url, texts[locale=en].title or ["de-DE"]`,
          ),
        ]
      : []),
    ...(field.format !== undefined && field.path === undefined
      ? [new FieldProblem(`${at}.format`, 'NOT_ALLOWED', 'is only for a field with path')]
      : []),
    ...(path && field.badValues === 'LEAVE_OUT_VALUE' && path.alone !== 'VALUE'
      ? [
          new FieldProblem(
            `${at}.badValues`,
            'NOT_ALLOWED',
            `${field.field} cannot be left out alone: without it the document would be none, or would be shown where it should not be`,
          ),
        ]
      : []),
    ...duplicates((field.transform.values ?? []).map(({ column }) => column)).map(
      (value) => new FieldProblem(`${at}.transform.values`, 'DUPLICATE', `${JSON.stringify(value)} stands there twice`),
    ),
  ];
}

/** Every joined table needs a name of its own, and something that it is joined by. */
function joinProblems(mapping: AdoptionBody): FieldProblem[] {
  const joins = joinsOf(mapping);
  const names = [mapping.table, ...joins.map(({ as, table }) => as ?? table)];
  return joins.flatMap(({ on }, at): FieldProblem[] => {
    const path = joinPath(mapping, at);
    const name = names[at + 1] ?? '';
    return [
      ...(on.length === 0 ? [new FieldProblem(`${path}.on`, 'TOO_FEW', 'needs at least one pair of columns')] : []),
      ...(names.indexOf(name) <= at
        ? [
            new FieldProblem(
              `${path}.as`,
              'DUPLICATE',
              `${JSON.stringify(name)} is the name of another table of this mapping; give this one a name of its own`,
            ),
          ]
        : []),
    ];
  });
}

/** Where in a mapping a joined table stands. */
export function joinPath({ join }: Pick<AdoptionBody, 'join'>, at: number): string {
  if (join) return at === 0 ? 'join' : `joins[${at - 1}]`;
  return `joins[${at}]`;
}

function fixedProblems({ documents, fields, fixed = [] }: AdoptionBody): FieldProblem[] {
  return fixed.flatMap(({ field, value }, at): FieldProblem[] => {
    const path = fieldPath(documents, field);
    const name = `fixed[${at}].field`;
    if (!path || path.takes === 'FLAG')
      return [new FieldProblem(name, 'UNKNOWN_FIELD', `${JSON.stringify(field)} is no field that can be fixed`)];
    const wanted = path.takes === 'NUMBER' ? 'number' : 'string';
    return [
      ...(path.takes !== 'ANY' && typeof value !== wanted
        ? [new FieldProblem(`fixed[${at}].value`, 'INVALID_TYPE', `${field} takes a ${wanted}`)]
        : []),
      ...(!path.list && [...fields, ...fixed.slice(0, at)].some((other) => other.field === field)
        ? [new FieldProblem(name, 'DUPLICATE', `${field} is given twice`)]
        : []),
    ];
  });
}

/** What Paddock writes it must be able to write without guessing. */
function writeBackProblems({ mode, documents, join, joins = [], fields }: AdoptionBody): FieldProblem[] {
  if (mode !== 'WRITE_BACK') return [];
  const written = fields.map((field, at) => ({ field, at })).filter(({ field }) => !field.readOnly);
  const columns = written.map(({ field }) => field.column);
  return [
    ...(documents.gatherBy
      ? [new FieldProblem('documents.gatherBy', 'NOT_INVERTIBLE', 'documents made of many rows cannot be written back')]
      : []),
    ...(join
      ? [
          new FieldProblem(
            'join',
            'NOT_INVERTIBLE',
            'two joined tables cannot be written back: a change of one row could reach many',
          ),
        ]
      : []),
    ...joins.map(
      (_, at) =>
        new FieldProblem(
          `joins[${at}]`,
          'NOT_INVERTIBLE',
          'joined tables cannot be written back: a change of one row could reach many',
        ),
    ),
    ...written.flatMap(({ field, at }) => [
      ...(transformOf(field.transform.type).write
        ? []
        : [
            new FieldProblem(
              `fields[${at}].transform`,
              'NOT_INVERTIBLE',
              `${field.transform.type} loses what it leaves out, so ${field.column} cannot be written back; mark it readOnly`,
            ),
          ]),
      ...(field.path === undefined
        ? []
        : [
            new FieldProblem(
              `fields[${at}].path`,
              'NOT_INVERTIBLE',
              `a part of ${field.column} cannot be written back; mark it readOnly`,
            ),
          ]),
      ...(field.transform.shortCodes
        ? [
            new FieldProblem(
              `fields[${at}].transform.shortCodes`,
              'NOT_INVERTIBLE',
              `what is taken out of ${field.column} cannot be written back; mark it readOnly`,
            ),
          ]
        : []),
      ...(duplicates((field.transform.values ?? []).map((pair) => pair.field)).length > 0
        ? [
            new FieldProblem(
              `fields[${at}].transform.values`,
              'NOT_INVERTIBLE',
              'two values of the column become the same, so it cannot be written back',
            ),
          ]
        : []),
      ...(columns.indexOf(field.column) < columns.lastIndexOf(field.column) &&
      columns.lastIndexOf(field.column) === written.findIndex((other) => other.at === at)
        ? [
            new FieldProblem(
              `fields[${at}].column`,
              'NOT_INVERTIBLE',
              `${field.column} gives two fields; mark one of them readOnly`,
            ),
          ]
        : []),
    ]),
  ];
}

function duplicates(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) < at))];
}
