import type { AdoptionField, AdoptionFilter } from '@paddock/contracts';
import { splitName } from './column-words.js';
import type { RiskQuestion } from './risk.js';
import type { ColumnSchema, TableSchema } from './table-schema.js';

/** Usual values for "shown" and "hidden", in lower case; the first pair whose two values both occur is taken. */
const STATUSES: readonly (readonly [shown: string, hidden: string])[] = [
  ...([
    ['1', '0'],
    ['y', 'n'],
    ['yes', 'no'],
    ['on', 'off'],
    ['active', 'inactive'],
    ['active', 'not_active'],
    ['enabled', 'disabled'],
    ['true', 'false'],
    ['t', 'f'],
  ] as const),
  ...([
    ['publish', 'draft'],
    ['published', 'draft'],
    ['published', 'unpublished'],
    ['visible', 'hidden'],
    ['live', 'draft'],
    ['approved', 'pending'],
    ['available', 'unavailable'],
    ['show', 'hide'],
    ['a', 'd'],
  ] as const),
  ...([
    ['activo', 'inactivo'],
    ['ativo', 'inativo'],
    ['actif', 'inactif'],
    ['aktiv', 'inaktiv'],
    ['attivo', 'inattivo'],
    ['j', 'n'],
    ['ja', 'nein'],
    ['s', 'n'],
    ['si', 'no'],
    ['sim', 'nao'],
    ['o', 'n'],
    ['oui', 'non'],
  ] as const),
];

/** What the values of a status say; `undefined` where they say nothing that is known. */
export function statusValues(
  found: readonly string[],
  { columnType, dataType, maxLength }: ColumnSchema,
): readonly [shown: string, hidden: string] | undefined {
  const values = found.filter((value) => value !== '');
  // What an enumeration declares may be in no row yet.
  const declared =
    dataType === 'enum'
      ? [...columnType.matchAll(/'((?:[^']|'')*)'/g)].map(([, value = '']) => value.replaceAll("''", "'"))
      : [];
  const spelled = new Map([...declared, ...values].map((value) => [value.toLowerCase(), value]));
  if (spelled.size === 0) return (maxLength ?? 0) > 20 ? undefined : ['1', '0'];
  // One letter among others that are unknown may stand for anything.
  const tells = (word: string) => spelled.has(word) && (word.length > 1 || spelled.size === 1 || /\d/.test(word));
  // `draft` alone goes with more than one word for what is shown.
  const pair =
    STATUSES.find((both) => both.every((word) => spelled.has(word))) ??
    STATUSES.find(([shown]) => tells(shown)) ??
    STATUSES.find(([, hidden]) => tells(hidden));
  if (!pair) return undefined;
  const [shown, hidden] = pair;
  const like = spelled.get(shown) ?? spelled.get(hidden) ?? '';
  return [spelled.get(shown) ?? spelledLike(like, shown), spelled.get(hidden) ?? spelledLike(like, hidden)];
}

/** The transform that reads them; 1 and 0 are what it takes for granted. */
export function statusTransform([shown, hidden]: readonly [shown: string, hidden: string]): AdoptionField['transform'] {
  return { type: 'STATUS', ...(shown === '1' ? {} : { shown }), ...(hidden === '0' ? {} : { hidden }) };
}

function spelledLike(example: string, word: string): string {
  if (example === example.toLowerCase()) return word;
  return example === example.toUpperCase() ? word.toUpperCase() : `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

/** Rows that the back office keeps as deleted: the filters that leave them out, with reasons, or the points to check. */
export function withoutDeleted(
  { name: table, columns }: TableSchema,
  of = '',
): { where: AdoptionFilter[]; reasons: string[]; warnings: string[]; questions: RiskQuestion[] } {
  const where: AdoptionFilter[] = [];
  const questions: RiskQuestion[] = [];
  const gone = (column: string, filter: AdoptionFilter) => {
    const state = stateOf(column);
    const code = state === 'deleted' ? 'DELETED' : 'OTHER_STATE';
    questions.push({
      code,
      effect: 'LOST',
      avoided: true,
      table,
      column,
      where: [filter],
      say: (rows) => `left out: ${rows} that ${of}${column} says are ${state}`,
    });
  };
  const reasons: string[] = [];
  const warnings: string[] = [];
  for (const column of columns.filter(({ name }) => stateOf(name) !== undefined)) {
    const ref = `${of}${column.name}`;
    if (column.family === 'TIME' && column.nullable) {
      where.push({ column: column.name, operator: 'IS_NULL' });
      gone(column.name, { column: column.name, operator: 'IS_NOT_NULL' });
      reasons.push(`${ref} has a time in rows that are ${stateOf(column.name)}: they are left out`);
    } else if (
      /^(?:tinyint|bit|smallint)$/.test(column.dataType) ||
      (/^int$/.test(column.dataType) && stateOf(column.name) === 'hidden')
    ) {
      where.push({ column: column.name, operator: 'NOT_IN', values: ['1'] });
      gone(column.name, { column: column.name, operator: 'IN', values: ['1'] });
      reasons.push(`${ref} is 1 in rows that are ${stateOf(column.name)}: they are left out`);
    } else warnings.push(`${ref} may say which rows are ${stateOf(column.name)}, but not how: filter them out`);
  }
  return { where, reasons, warnings, questions };
}

/** The meaning of a set flag or time by the name of its column: marks of hidden rows are not a status of shown rows. */
function stateOf(column: string): 'deleted' | 'hidden' | 'archived' | undefined {
  const words = splitName(column).filter((part) => !['is', 'at', 'date', 'on', 'time', 'flag'].includes(part));
  const [word = '', ...more] = words;
  if (more.length > 0) return undefined;
  if (DELETED.has(word)) return 'deleted';
  if (word === 'archived' || word === 'archive') return 'archived';
  return HIDDEN.has(word) ? 'hidden' : undefined;
}

const DELETED = new Set([
  'deleted',
  'trashed',
  'removed',
  'geloescht',
  'supprime',
  'eliminado',
  'excluido',
  'eliminato',
]);
const HIDDEN = new Set([
  'hidden',
  'hide',
  'disabled',
  'disable',
  'inactive',
  'invisible',
  'suspended',
  'unpublished',
  'draft',
  'versteckt',
  'oculto',
  'nascosto',
  'masque',
]);
