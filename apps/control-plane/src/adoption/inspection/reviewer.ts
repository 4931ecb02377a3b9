import { type AdoptionBody, type AdoptionField, joinsOf, type Json } from '@paddock/contracts';
import type { SourceSession } from '@paddock/foreign-database';
import { componentKind } from '../../kinds/component/component.kind.js';
import { layoutKind } from '../../kinds/layout/layout.kind.js';
import { promoKind } from '../../kinds/promo/promo.kind.js';
import { madeDocument, type MadeDocument } from '../homepage/homepage.js';
import { type Candidate, candidates } from '../import/candidates.js';
import { inSlices } from '../import/candidate-pages.js';
import { type CompiledMapping, compileMapping } from '../mapping/compiled-mapping.js';
import { countSeveral, keyProblems } from '../rows/key-problems.js';
import { pageAfter } from '../rows/scan.js';
import { countRisk } from './count-risk.js';
import { orNote } from './or-note.js';
import type { SampledTable } from './column-roles.js';
import type { Proposal } from './proposal.js';
import { type Risk, rowsInWords } from './risk.js';
import { holdsSecret, isStructured } from './secrets.js';

/** How many rows of a table are tried before a mapping is proposed. */
const REVIEWED_ROWS = 1_000;
const MAX_LIMIT = 100;
const SAMPLE_KEYS = 3;
/** How often a mapping is tried again without what did not work. */
const ATTEMPTS = 4;

const KINDS = { promo: promoKind, layout: layoutKind, component: componentKind };

/** A proposal with what it would lose, mix or show. */
export interface ReviewedProposal extends Proposal {
  risks: Risk[];
}

/** A proposal whose mapping was tried on the first rows of its table. */
export interface Reviewed {
  proposal: ReviewedProposal;
  documents: MadeDocument[];
}

/** Tries proposals on rows before they are shown: counts what they would lose, mix or show, and leaves out what must not be shown. */
export class Reviewer {
  private readonly done = new Map<string, Reviewed>();

  constructor(
    private readonly session: SourceSession,
    private readonly tables: readonly SampledTable[],
    private readonly notes: string[],
  ) {}

  async review(proposals: readonly Proposal[]): Promise<Reviewed[]> {
    const found: Reviewed[] = [];
    for (const proposal of proposals) {
      const name = JSON.stringify(proposal.mapping);
      const known = this.done.get(name);
      const reviewed = known ? { found: known } : await orNote(proposal.mapping.table, () => this.tried(proposal));
      if ('note' in reviewed) {
        if (!this.notes.includes(reviewed.note)) this.notes.push(reviewed.note);
        continue;
      }
      this.done.set(name, reviewed.found);
      if (makesNothing(reviewed.found)) {
        const note = `${proposal.mapping.table}: no row would become a ${proposal.mapping.documents.kind}`;
        if (!this.notes.includes(note)) this.notes.push(note);
        continue;
      }
      found.push(reviewed.found);
    }
    return withLimits(found);
  }

  private async tried(proposal: Proposal): Promise<Reviewed> {
    const risks: Risk[] = [];
    for (const question of proposal.questions) {
      const counted = await countRisk(this.session, this.tables, proposal.mapping, question);
      if (counted) risks.push(counted);
    }
    let mapping = withRequiredTexts(proposal.mapping, risks);
    let made: Candidate[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const compiled = compileMapping(
        mapping,
        this.tables.map(({ schema }) => schema),
      );
      if (!compiled.ok)
        throw new Error(
          `the mapping proposed for ${mapping.table} does not fit: ${compiled.problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
        );
      const several = (await keyProblems(this.session, compiled.mapping)).find(
        ({ code }) => code === 'JOIN_MULTIPLIES',
      );
      if (several) {
        const [smaller, table] = withoutLastJoin(mapping, several.path);
        risks.push({
          code: 'SEVERAL_PARTNERS',
          effect: 'LOST',
          avoided: true,
          table: mapping.table,
          column: null,
          count: await countSeveral(this.session, compiled.mapping),
          keys: [],
          what: `not read: ${table}, which has several rows per row of ${mapping.table}; ${several.message}`,
        });
        mapping = smaller;
        continue;
      }
      const rows = await pageAfter(this.session, compiled.mapping, undefined, REVIEWED_ROWS);
      made = compiled.mapping.gatherAt
        ? candidates(rows, compiled.mapping, KINDS[mapping.documents.kind])
        : await inSlices(rows, compiled.mapping, KINDS[mapping.documents.kind]);
      const bad = findUnfit(made, mapping, compiled.mapping);
      if (!bad) break;
      risks.push(bad.risk);
      mapping = withoutRows(mapping, bad.keys, made);
    }
    risks.push(...troubles(made, mapping));
    return {
      proposal: { ...proposal, mapping, risks, warnings: [...proposal.warnings, ...risks.map(({ what }) => what)] },
      documents: made.flatMap((candidate) => madeDocument(candidate, mapping)),
    };
  }
}

/** Rows were tried, and no row fits. */
function makesNothing({ proposal, documents }: Reviewed): boolean {
  return documents.length === 0 && proposal.risks.some(({ code }) => code === 'DOES_NOT_FIT');
}

/** Where rows have no text in the language, the join leaves them out; where all have one, nothing need be demanded. */
function withRequiredTexts(mapping: AdoptionBody, risks: readonly Risk[]): AdoptionBody {
  if (!risks.some(({ code }) => code === 'NO_TEXT')) return mapping;
  return mapping.join ? { ...mapping, join: { ...mapping.join, required: true } } : mapping;
}

/** Without a join that gives rows several partners, without the joins that are made by it, and without its fields. */
function withoutLastJoin(mapping: AdoptionBody, path: string): [AdoptionBody, string] {
  const all = joinsOf(mapping);
  const at = path === 'join' ? 0 : Number(/\d+/.exec(path)?.[0] ?? 0) + (mapping.join ? 1 : 0);
  const gone = new Set([all[at]?.as ?? all[at]?.table ?? '']);
  const kept = all.filter((join, index) => {
    const lost = index === at || join.on.some(({ column }) => gone.has(column.split('.').slice(0, -1).join('.')));
    if (lost) gone.add(join.as ?? join.table);
    return !lost;
  });
  const { join: _, joins: __, ...rest } = mapping;
  const [join, ...joins] = kept;
  const of = (ref: string) => gone.has(ref.split('.').slice(0, -1).join('.'));
  return [
    {
      ...rest,
      ...(join ? { join } : {}),
      ...(joins.length > 0 ? { joins } : {}),
      fields: mapping.fields.filter(({ column }) => !of(column)),
    },
    all[at]?.table ?? '',
  ];
}

/** Rows whose documents would show a secret, or a raw structure as a title. */
function findUnfit(
  made: readonly Candidate[],
  mapping: AdoptionBody,
  { keyLength }: CompiledMapping,
): { risk: Risk; keys: string[][] } | undefined {
  if (mapping.documents.kind !== 'promo' || keyLength === 0) return undefined;
  const keysOf = (meets: (body: { [name: string]: Json }) => boolean) =>
    made.flatMap(({ made: document, rows }) => {
      const body: { [name: string]: Json } = document ? JSON.parse(document.body) : {};
      return document && meets(body) ? rows.map(({ mapped }) => [...mapped.rowKey]) : [];
    });
  const base = { avoided: true, table: mapping.table } as const;
  const secret = keysOf((body) => textsIn(body).some(holdsSecret));
  if (secret.length > 0)
    return {
      keys: secret,
      risk: {
        ...base,
        code: 'SECRET_VALUE',
        effect: 'EXPOSED',
        column: null,
        count: secret.length,
        keys: secret.slice(0, SAMPLE_KEYS),
        what: `left out: ${rowsInWords(secret.length)} with a secret in what would be shown`,
      },
    };
  const raw = keysOf((body) => isStructured(typeof body['title'] === 'string' ? body['title'] : ''));
  const column = columnOf(mapping.fields, 'title');
  if (raw.length > 0)
    return {
      keys: raw,
      risk: {
        ...base,
        code: 'STRUCTURED_VALUE',
        effect: 'LOST',
        column,
        count: raw.length,
        keys: raw.slice(0, SAMPLE_KEYS),
        what: `left out: ${rowsInWords(raw.length)} with several values in ${column} where others hold a title`,
      },
    };
  return undefined;
}

function columnOf(fields: readonly AdoptionField[], name: string): string {
  return fields.find(({ field }) => field === name)?.column ?? name;
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Leaves rows out by their keys; of a key of several columns by the one that takes the fewest others along. */
function withoutRows(mapping: AdoptionBody, keys: readonly string[][], made: readonly Candidate[]): AdoptionBody {
  const all = made.flatMap(({ rows }) => rows.map(({ mapped }) => mapped.rowKey));
  const [best] = mapping.key
    .map((column, at) => ({ column, values: [...new Set(keys.map((key) => key[at] ?? ''))], at }))
    .map((one) => ({ ...one, lost: all.filter((key) => one.values.includes(key[one.at] ?? '')).length }))
    .toSorted((a, b) => a.lost - b.lost);
  if (!best) return mapping;
  return {
    ...mapping,
    where: [...(mapping.where ?? []), { column: best.column, operator: 'NOT_IN', values: best.values }],
  };
}

/** What a dry run of these rows would list. */
function troubles(made: readonly Candidate[], mapping: AdoptionBody): Risk[] {
  const base = { table: mapping.table, effect: 'LOST' } as const;
  const keyOf = ({ rows }: Candidate) => [...(rows[0]?.mapped.rowKey ?? [])];
  const unfit = Map.groupBy(
    made.flatMap((candidate) =>
      candidate.problems.slice(0, 1).map((problem) => ({ ...problem, key: keyOf(candidate) })),
    ),
    ({ column, code }) => `${column} ${code}`,
  );
  const removed = made.flatMap(({ rows }) =>
    rows.flatMap(({ mapped }) => mapped.removed.map((removal) => ({ ...removal, key: [...mapped.rowKey] }))),
  );
  const codes = Map.groupBy(
    removed.filter(({ what }) => what.startsWith('short code')),
    ({ column }) => column,
  );
  const rest = Map.groupBy(
    removed.filter(({ what }) => !what.startsWith('short code')),
    ({ column }) => column,
  );
  const rowsOf = (found: readonly { key: string[] }[]) => [
    ...new Map(found.map(({ key }) => [key.join('\u0000'), key])).values(),
  ];
  const listed = (found: readonly { what: string }[]) =>
    [...new Set(found.map(({ what }) => what.replace(/^short code /, '')))].slice(0, 5).join(', ');
  return [
    ...[...unfit.values()].map((found): Risk => {
      const { column = '', code = '', why = '' } = found[0] ?? {};
      return {
        ...base,
        code: 'DOES_NOT_FIT',
        avoided: true,
        column: column || null,
        count: found.length,
        keys: found.slice(0, SAMPLE_KEYS).map(({ key }) => key),
        what: `no document: ${rowsInWords(found.length)}; ${column ? `${column} ` : ''}${why} (${code})`,
      };
    }),
    ...[...codes].map(([column, found]): Risk => ({
      ...base,
      code: 'SHORT_CODE',
      avoided: true,
      column,
      count: rowsOf(found).length,
      keys: rowsOf(found).slice(0, SAMPLE_KEYS),
      what: `placeholders taken out: ${rowsInWords(rowsOf(found).length)} with placeholders of the back office in ${column} (${listed(found)})`,
    })),
    ...[...rest].map(([column, found]): Risk => ({
      ...base,
      code: 'LEFT_OUT_OF_TEXT',
      avoided: true,
      column,
      count: rowsOf(found).length,
      keys: rowsOf(found).slice(0, SAMPLE_KEYS),
      what: `a part of ${column} is left out in ${rowsInWords(rowsOf(found).length)}: ${listed(found)}`,
    })),
  ];
}

/** No slot shows fewer promos than its group has; what a slot cannot hold is counted. */
function withLimits(reviewed: readonly Reviewed[]): Reviewed[] {
  const sizes = new Map<string, number>();
  for (const { documents } of reviewed)
    for (const document of documents)
      if (document.kind === 'promo')
        for (const tag of document.body.tags ?? []) sizes.set(tag, (sizes.get(tag) ?? 0) + 1);
  return reviewed.map(({ proposal, documents }) => {
    const limited = proposal.mapping.fixed?.find(({ field }) => field === 'item.promos.limit');
    if (!limited) return { proposal, documents };
    const tags = documents.flatMap((document) =>
      document.kind === 'layout'
        ? document.body.slots.flatMap(({ items }) => items.flatMap(({ promos }) => promos?.tags ?? []))
        : [],
    );
    const largest = Math.max(0, ...tags.map((tag) => sizes.get(tag) ?? 0));
    const limit = Math.min(MAX_LIMIT, Math.max(Number(limited.value), largest));
    const cut = tags.reduce((sum, tag) => sum + Math.max(0, (sizes.get(tag) ?? 0) - limit), 0);
    const risks: Risk[] =
      cut === 0
        ? []
        : [
            {
              code: 'GROUP_CUT',
              effect: 'LOST',
              avoided: false,
              table: proposal.mapping.table,
              column: null,
              count: cut,
              keys: [],
              what: `cut off: ${rowsInWords(cut)} beyond the ${limit} that a slot can show of its group`,
            },
          ];
    const fixed = proposal.mapping.fixed?.map((one) => (one === limited ? { ...one, value: limit } : one)) ?? [];
    const grown = documents.map((document) =>
      document.kind === 'layout'
        ? {
            ...document,
            body: {
              ...document.body,
              slots: document.body.slots.map((slot) => ({
                ...slot,
                items: slot.items.map((item) => (item.promos ? { ...item, promos: { ...item.promos, limit } } : item)),
              })),
            },
          }
        : document,
    );
    return {
      proposal: {
        ...proposal,
        mapping: { ...proposal.mapping, fixed },
        risks: [...proposal.risks, ...risks],
        warnings: [...proposal.warnings, ...risks.map(({ what }) => what)],
      },
      documents: grown,
    };
  });
}
