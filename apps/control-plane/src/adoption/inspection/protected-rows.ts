import type { AdoptionFilter } from '@paddock/contracts';
import { type SampledTable, sampleOf } from './column-roles.js';
import { splitName } from './column-words.js';
import type { ProposalOptions } from './proposal.js';
import { keyOf } from './relations.js';
import type { RiskCode, RiskQuestion } from './risk.js';
import { joinConditions, listed, noConditions, type RowConditions, valuesSeen } from './conditions.js';
import { isSecretName } from './secrets.js';
import type { ColumnSchema } from './table-schema.js';

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Usual values for public rows, and for restricted rows. */
const PUBLIC = words('public everyone everybody all any anyone guest guests anonymous open world none visible default');
const NOT_PUBLIC = words(
  'private members member paid premium subscribers subscriber registered restricted internal admin admins administrator administrators staff editors editor special hidden protected password customers customer logged login vip tiers wholesale employees secret unlisted confidential',
);
const ACCESS = words(
  'visibility access audience permission permissions privacy viewlevel accesslevel acl role roles usergroup group visibility',
);
const FLAGS = words('private internal restricted confidential membersonly adminonly staffonly protected');
const ONLY =
  /(?:admin|member|members|staff|employees|registered|customers|subscribers|login|logged|auth)_?(?:in_?)?(?:only|required)$|^(?:requires|require|needs)_?(?:login|auth|account|password|membership)|^(?:is_?)?(?:admin|backend|backoffice|members)$/i;
const AREA = words('client application app area interface side backend context');
const FRONT = words('site front frontend frontoffice public storefront website web shop store');
const BACK = words('admin administrator administration backend backoffice back cp cpanel dashboard');

/** Leaves out restricted rows, and reports their number. */
export function accessConditions(
  sampled: SampledTable,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): RowConditions {
  const { schema } = sampled;
  return joinConditions(
    schema.columns.map((column): RowConditions => {
      if (schema.primaryKey.includes(column.name) || column.generated) return noConditions();
      if (isSecretName(column.name)) return secretColumn(sampled, column);
      return (
        flag(sampled, column, options) ??
        access(sampled, column, tables, options) ??
        area(sampled, column, options) ??
        noConditions()
      );
    }),
  );
}

function left(
  sampled: SampledTable,
  column: ColumnSchema,
  code: RiskCode,
  { taken, others, say }: { taken: AdoptionFilter; others: AdoptionFilter; say(rows: string): string },
  reason: string,
): RowConditions {
  const question: RiskQuestion = {
    code,
    effect: 'EXPOSED',
    avoided: true,
    table: sampled.schema.name,
    column: column.name,
    where: [others],
    say,
  };
  return { ...noConditions(), where: [taken], reasons: [reason], questions: [question] };
}

/** A password in a row protects the row; other secrets are never read. */
function secretColumn(sampled: SampledTable, { name, family, ...rest }: ColumnSchema): RowConditions {
  if (family === 'TIME' || family === 'OTHER') return noConditions();
  const column = { name, family, ...rest };
  const protects = /pass(?:word|wd|phrase|code)|\bpwd\b|passwort|contrasena|senha/i.test(name) && family === 'TEXT';
  if (protects) {
    return left(
      sampled,
      column,
      'PASSWORD_PROTECTED',
      {
        taken: { column: name, operator: 'IS_EMPTY' },
        others: { column: name, operator: 'IS_NOT_EMPTY' },
        say: (rows) => `left out: ${rows} with something in ${name}: protected by a password, or holding one`,
      },
      `${name} is set in rows that are protected: they are left out`,
    );
  }
  return {
    ...noConditions(),
    questions: [
      {
        code: 'SECRET_COLUMN',
        effect: 'EXPOSED',
        avoided: true,
        table: sampled.schema.name,
        column: name,
        where: [{ column: name, operator: 'IS_NOT_EMPTY' }],
        say: (rows) => `not read: ${name}, which holds a secret in ${rows}`,
      },
    ],
  };
}

function flag(sampled: SampledTable, column: ColumnSchema, options: ProposalOptions): RowConditions | undefined {
  const named = splitName(column.name).filter((word) => !['is', 'has', 'only', 'flag'].includes(word));
  const isFlag = (named.length === 1 && FLAGS.has(named[0] ?? '')) || ONLY.test(column.name);
  if (!isFlag || (column.family !== 'NUMBER' && column.family !== 'TEXT')) return undefined;
  const seen = valuesSeen(sampled, column, options);
  const free = seen.filter((value) => /^(?:|0|n|no|f|false|off)$/i.test(value));
  if (seen.length > 4 || seen.every((value) => !/^(?:|0|1|y|n|yes|no|t|f|true|false|on|off)$/i.test(value)))
    return undefined;
  const empty = column.family === 'NUMBER' || free.length === 0 || free.includes('');
  const taken: AdoptionFilter = empty
    ? { column: column.name, operator: 'IS_EMPTY' }
    : { column: column.name, operator: 'IN', values: free };
  const others: AdoptionFilter = empty
    ? { column: column.name, operator: 'IS_NOT_EMPTY' }
    : { column: column.name, operator: 'NOT_IN', values: free };
  const code = /admin|backend|backoffice|staff|internal/i.test(column.name) ? 'ADMIN_ONLY' : 'RESTRICTED';
  return left(
    sampled,
    column,
    code,
    { taken, others, say: (rows) => `left out: ${rows} whose ${column.name} is set, which are not public` },
    `${column.name} is set in rows that are not public: they are left out`,
  );
}

/** Levels of access, in words or as the number of a level that a table of levels names. */
function access(
  sampled: SampledTable,
  column: ColumnSchema,
  tables: readonly SampledTable[],
  options: ProposalOptions,
): RowConditions | undefined {
  const named = splitName(column.name).filter((word) => !['id', 'level', 'type', 'post', 'is'].includes(word));
  if (named.length !== 1 || !ACCESS.has(named[0] ?? '')) return undefined;
  const seen = valuesSeen(sampled, column, options);
  if (seen.length === 0 || seen.length > 40) return undefined;
  if (column.family === 'TEXT') {
    const isPublic = (value: string) => value === '' || splitName(value).some((word) => PUBLIC.has(word));
    const open = seen.filter(isPublic);
    const closed = seen.filter((value) => !isPublic(value) && splitName(value).some((word) => NOT_PUBLIC.has(word)));
    if (closed.length === 0) return undefined;
    return levels(
      sampled,
      column,
      open,
      `${listed(seen.filter((value) => !open.includes(value)))} in ${column.name} are not public`,
    );
  }
  if (
    column.family !== 'NUMBER' ||
    named[0] === 'group' ||
    named[0] === 'visibility' ||
    named[0] === 'audience' ||
    seen.length < 1
  )
    return undefined;
  const open = publicLevels(seen, sampled, tables);
  if (open.length > 0)
    return levels(sampled, column, open, `${column.name} is another level than ${listed(open)}, the public one`);
  const lowest = seen.map(Number).toSorted((a, b) => a - b)[0];
  if (seen.length < 2 || lowest === undefined) return undefined;
  const guessed = levels(
    sampled,
    column,
    [String(lowest)],
    `${column.name} is not ${lowest}, and no table says what the levels mean`,
  );
  return {
    ...guessed,
    questions: guessed.questions.map((question) => ({ ...question, code: 'UNKNOWN_ACCESS' as const })),
  };
}

function levels(sampled: SampledTable, column: ColumnSchema, open: readonly string[], why: string): RowConditions {
  const values = [...open];
  return left(
    ...([sampled, column, 'RESTRICTED'] as const),
    {
      taken: { column: column.name, operator: 'IN', values },
      others: { column: column.name, operator: 'NOT_IN', values },
      say: (rows) => `left out: ${rows}, because ${why}`,
    },
    `${column.name} says who may see a row: ${values.length > 0 ? `${listed(values)} is public` : 'no value is public'}`,
  );
}

/** The levels that a small table of levels calls public, where its ids are those that stand here. */
function publicLevels(seen: readonly string[], sampled: SampledTable, tables: readonly SampledTable[]): string[] {
  for (const table of tables) {
    const key = keyOf(table.schema);
    if (!key || table.schema.name === sampled.schema.name || table.rows.length === 0 || table.rows.length > 60)
      continue;
    const ids = sampleOf(table, key);
    if (!seen.every((value) => value === '0' || ids.includes(value))) continue;
    for (const title of table.schema.columns.filter(
      ({ family, maxLength }) => family === 'TEXT' && (maxLength ?? 0) <= 255,
    )) {
      const at = table.schema.columns.indexOf(title);
      const open = table.rows.flatMap((row, index) =>
        /^(?:public|everyone|everybody|all)$/i.test(row[at]?.toString('utf8') ?? '') ? (ids[index] ?? []) : [],
      );
      if (open.length > 0) return open.filter((value) => seen.includes(value)).length > 0 ? open : [];
    }
  }
  return [];
}

/** Which side of the software shows a row: the site, or the back office. */
function area(sampled: SampledTable, column: ColumnSchema, options: ProposalOptions): RowConditions | undefined {
  const named = splitName(column.name).filter((word) => word !== 'id');
  if (named.length !== 1 || !AREA.has(named[0] ?? '')) return undefined;
  const seen = valuesSeen(sampled, column, options);
  const say = (rows: string) => `left out: ${rows} of the back office alone, by ${column.name}`;
  if (column.family === 'NUMBER') {
    const related = options.relations.some(
      ({ table, column: name }) => table === sampled.schema.name && name === column.name,
    );
    if (related || !seen.includes('1') || !seen.includes('0') || seen.some((value) => value !== '0' && value !== '1'))
      return undefined;
    return left(
      sampled,
      column,
      'ADMIN_ONLY',
      {
        taken: { column: column.name, operator: 'IN', values: ['0'] },
        others: { column: column.name, operator: 'NOT_IN', values: ['0'] },
        say,
      },
      `${column.name} is 1 in rows of the back office: they are left out`,
    );
  }
  const front = seen.filter((value) => FRONT.has(value.toLowerCase()));
  if (
    column.family !== 'TEXT' ||
    !seen.some((value) => BACK.has(value.toLowerCase())) ||
    !seen.every((value) => FRONT.has(value.toLowerCase()) || BACK.has(value.toLowerCase()))
  )
    return undefined;
  return left(
    sampled,
    column,
    'ADMIN_ONLY',
    {
      taken: { column: column.name, operator: 'IN', values: front },
      others: { column: column.name, operator: 'NOT_IN', values: front },
      say,
    },
    `${column.name} tells the site from the back office: ${listed(front)} is taken`,
  );
}
