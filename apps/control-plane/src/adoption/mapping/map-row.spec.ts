import { describe, expect, it } from 'vitest';
import type { AdoptionBody, AdoptionField, Json } from '@paddock/contracts';
import { type CompiledMapping, compileMapping, type Row } from './compiled-mapping.js';
import { bodyOfRow, mapRow } from './map-row.js';
import { mappingProblems } from './mapping-problems.js';
import { BANNERS } from './table-fixture.js';
import { unmapBody } from './unmap-body.js';

const FIELDS: AdoptionField[] = [
  { field: 'title', column: 'title', transform: { type: 'TEXT' } },
  { field: 'cta.href', column: 'url', transform: { type: 'URL' } },
  { field: 'image.url', column: 'image', transform: { type: 'IMAGE', prefix: '/images/' } },
  { field: 'text', column: 'html', transform: { type: 'HTML' }, readOnly: true },
  {
    field: 'tags',
    column: 'area',
    transform: {
      type: 'VALUES',
      values: [
        { column: 'Wide', field: 'wide' },
        { column: 'Side', field: 'side' },
      ],
    },
  },
  { field: 'schedule.from', column: 'starts', transform: { type: 'LOCAL_TIME', timeZone: 'Europe/London' } },
  {
    field: 'schedule.to',
    column: 'ends',
    transform: { type: 'LOCAL_TIME', timeZone: 'Europe/London', none: ['0001-01-01 00:00:00'] },
  },
  { field: 'shown', column: 'status', transform: { type: 'STATUS' } },
  { field: 'priority', column: 'sort_order', transform: { type: 'PRIORITY', top: 1000 } },
];

const MAPPING: AdoptionBody = {
  name: 'Banners of the old shop',
  ...{ source: 'old-shop', environment: 'production', mode: 'WRITE_BACK', table: 'banners', key: ['banners_id'] },
  documents: { kind: 'promo', keyPrefix: 'banner-' },
  fields: FIELDS,
  fixed: [{ field: 'cta.label', value: 'More' }],
};

function compiled(mapping: AdoptionBody = MAPPING): CompiledMapping {
  const result = compileMapping(mapping, [BANNERS]);
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('; '));
  return result.mapping;
}

const CELLS: Record<string, string | null> = {
  ...{
    banners_id: '7',
    title: 'Summer',
    url: 'https://shop.example/?a=1&amp;b=2',
    image: 'banners/summer sale.png',
    area: 'Wide',
    html: '<b>Now</b><script>x()</script>',
  },
  ...{ starts: '2026-06-01 09:00:00', ends: '0001-01-01 00:00:00', status: '1', sort_order: '3' },
};

function row(cells: Record<string, string | Buffer | null> = {}): Row {
  const all = { ...CELLS, ...cells };
  return compiled().columns.map(({ ref }) => {
    const cell = all[ref] ?? null;
    return typeof cell === 'string' ? Buffer.from(cell, 'utf8') : cell;
  });
}

const BODY = {
  title: 'Summer',
  text: '**Now**',
  image: { url: '/images/banners/summer%20sale.png', alt: '' },
  cta: { href: 'https://shop.example/?a=1&b=2', label: 'More' },
  tags: ['wide'],
  schedule: { from: '2026-06-01T09:00:00', timeZone: 'Europe/London' },
  priority: 997,
};

describe('a row as a promo', () => {
  it('becomes what its columns say, and tells what was left out', () => {
    const mapped = mapRow(row(), compiled());
    expect(mapped.problems).toEqual([]);
    expect(mapped.documentKey).toBe('banner-7');
    expect(mapped.removed).toEqual([{ column: 'html', what: '<script> with its content' }]);
    expect(bodyOfRow(mapped, compiled())).toEqual(BODY);
  });

  it.each<[string, Record<string, string | null>, object]>([
    [
      'nothing where nothing is given',
      { url: '', image: '', html: null, starts: null },
      { title: 'Summer', tags: ['wide'], priority: 997 },
    ],
    ['unseen where its status is 0', { status: '0' }, { ...BODY, audience: { percentage: 0 } }],
    ['without the zero date', { starts: '0000-00-00 00:00:00' }, { ...BODY, schedule: undefined }],
  ])('becomes %s', (_, cells, body) => {
    expect(bodyOfRow(mapRow(row(cells), compiled()), compiled())).toEqual(JSON.parse(JSON.stringify(body)));
  });

  it.each<[string, Record<string, string | Buffer>, object]>([
    ['area', { area: 'Footer' }, { column: 'area', value: 'Footer', code: 'UNKNOWN_VALUE', outcome: 'VALUE_LEFT_OUT' }],
    ['status', { status: '2' }, { column: 'status', value: '2', code: 'UNKNOWN_STATUS' }],
    [
      'url',
      { url: Buffer.from('2f80', 'hex') },
      { column: 'url', value: '0x2f80', code: 'WRONG_ENCODING', outcome: 'VALUE_LEFT_OUT' },
    ],
  ])('says what is wrong with %s', (_, cells, problem) => {
    const { problems, leftOut } = mapRow(row(cells), compiled());
    expect([...problems, ...leftOut]).toEqual([{ ...problem, why: expect.any(String) }]);
  });

  it('reads latin1 as latin1', () => {
    const mapped = mapRow(row({ title: Buffer.from('436166e9', 'hex') }), compiled());
    expect(bodyOfRow(mapped, compiled())).toMatchObject({ title: 'Café' });
  });
});

describe('a promo as a row', () => {
  const written = (body: { [name: string]: Json }, present: Row | undefined = row()) => {
    const { cells, problems } = unmapBody(body, compiled(), present);
    return {
      problems,
      cells: Object.fromEntries([...cells].map(([column, cell]) => [column.ref, cell && cell.toString('latin1')])),
    };
  };

  it('is the row that it came from, to the byte', () => {
    const { html: _, banners_id: __, ...adopted } = CELLS;
    expect(written(BODY)).toEqual({ problems: [], cells: adopted });
  });

  it('changes only what was changed', () => {
    const changed = {
      ...BODY,
      title: 'Café',
      tags: ['side', 'other'],
      schedule: { from: '2026-06-01T10:30', to: '2026-07-01T00:00', timeZone: 'Europe/Paris' },
    };
    const { cells, problems } = written(changed);
    expect(problems).toEqual([]);
    expect(cells).toMatchObject({
      title: 'Caf\xe9',
      area: 'Side',
      starts: '2026-06-01 09:30:00',
      ends: '2026-06-30 23:00:00',
      url: CELLS['url'],
      status: '1',
    });
  });

  it('writes the value for "none" where a field is removed', () => {
    const { schedule: _, image: __, ...bare } = BODY;
    expect(written(bare, row({ ends: '2026-07-01 00:00:00' })).cells).toMatchObject({
      starts: null,
      ends: '0001-01-01 00:00:00',
      image: '',
    });
  });

  it('makes a whole row for a new document', () => {
    const { problems, cells } = unmapBody(
      { title: 'New', tags: ['side'], priority: 10, audience: { percentage: 0 } },
      compiled(),
      undefined,
    );
    expect(problems).toEqual([]);
    expect([...cells].map(([column, cell]) => [column.ref, cell?.toString() ?? null])).toEqual(
      expect.arrayContaining([
        ['title', 'New'],
        ['area', 'Side'],
        ['status', '0'],
        ['sort_order', '990'],
        ['starts', null],
        ['url', ''],
      ]),
    );
  });

  it.each<[string, { [name: string]: Json }, string]>([
    ['a character that the column lacks', { ...BODY, title: 'Привет' }, 'title'],
    ['more characters than the column holds', { ...BODY, title: 'x'.repeat(65) }, 'title'],
    ['tags that no one value stands for', { ...BODY, tags: ['wide', 'side'] }, 'area'],
  ])('refuses %s', (_, body, columnName) => {
    expect(unmapBody(body, compiled(), row()).problems).toEqual([expect.objectContaining({ column: columnName })]);
  });
});

describe('a mapping', () => {
  const broken = (changes: Partial<AdoptionBody>) =>
    mappingProblems({ ...MAPPING, ...changes }).map(({ path, code }) => [path, code]);
  const field = (changes: Partial<AdoptionField>): AdoptionField[] => [
    FIELDS[0] as AdoptionField,
    { field: 'subtitle', column: 'area', transform: { type: 'TEXT' }, ...changes },
  ];

  it('of everything above is in order', () => {
    expect(broken({})).toEqual([]);
  });

  it.each<[string, Partial<AdoptionBody>, string[][]]>([
    ['an unknown field', { fields: field({ field: 'colour' }) }, [['fields[1].field', 'UNKNOWN_FIELD']]],
    [
      'a transform that gives something else',
      { fields: field({ field: 'priority', transform: { type: 'TEXT' } }) },
      [['fields[1].transform', 'TRANSFORM_DOES_NOT_FIT']],
    ],
    [
      'a missing option',
      { fields: field({ field: 'schedule.from', transform: { type: 'LOCAL_TIME' } }) },
      [['fields[1].transform.timeZone', 'REQUIRED']],
    ],
    [
      'an option that means nothing',
      { fields: field({ transform: { type: 'TEXT', top: 3 } }) },
      [['fields[1].transform.top', 'NOT_ALLOWED']],
    ],
    ['one field from two columns', { fields: field({ field: 'title' }) }, [['fields[1].field', 'DUPLICATE']]],
    ['no title', { fields: [] }, [['fields', 'MISSING_FIELD']]],
    [
      'HTML that is written back',
      { fields: field({ field: 'text', column: 'html', transform: { type: 'HTML' } }) },
      [['fields[1].transform', 'NOT_INVERTIBLE']],
    ],
    [
      'a join that is written back',
      { join: { table: 'other', on: [{ column: 'banners_id', joined: 'id' }] } },
      [['join', 'NOT_INVERTIBLE']],
    ],
    [
      'a further join that is written back',
      { joins: [{ table: 'other', on: [{ column: 'banners_id', joined: 'id' }] }] },
      [['joins[0]', 'NOT_INVERTIBLE']],
    ],
    [
      'two joins of one name',
      { mode: 'OBSERVE', joins: [1, 2].map(() => ({ table: 'other', on: [{ column: 'banners_id', joined: 'id' }] })) },
      [['joins[1].as', 'DUPLICATE']],
    ],
    ['a join by nothing', { mode: 'OBSERVE', join: { table: 'other', on: [] } }, [['join.on', 'TOO_FEW']]],
    [
      'a part of a value that is written back',
      { fields: field({ path: 'en.title' }) },
      [['fields[1].path', 'NOT_INVERTIBLE']],
    ],
    ['an invalid path', { fields: field({ path: 'en..title', readOnly: true }) }, [['fields[1].path', 'INVALID_PATH']]],
    ['a format without a path', { fields: field({ format: 'JSON' }) }, [['fields[1].format', 'NOT_ALLOWED']]],
    [
      'short codes that are written back',
      { fields: field({ transform: { type: 'TEXT', shortCodes: ['BRACES'] } }) },
      [['fields[1].transform.shortCodes', 'NOT_INVERTIBLE']],
    ],
    [
      'a column that is written twice',
      { fields: field({ column: 'title' }) },
      [['fields[1].column', 'NOT_INVERTIBLE']],
    ],
    ['a mirror without interval', { mode: 'MIRROR' }, [['mirror', 'REQUIRED']]],
    [
      'a layout of single rows',
      { mode: 'OBSERVE', documents: { kind: 'layout', keyPrefix: 'page-' }, fields: [], fixed: [] },
      [
        ['documents.gatherBy', 'REQUIRED'],
        ['fields', 'MISSING_FIELD'],
        ['fields', 'MISSING_FIELD'],
      ],
    ],
  ])('with %s is refused', (_, changes, problems) => {
    expect(broken(changes)).toEqual(problems);
  });

  it.each<[string, Partial<AdoptionBody>, string, string]>([
    ['an unknown table', { table: 'banner' }, 'table', 'UNKNOWN_TABLE'],
    [
      'an unknown column',
      { fields: [...FIELDS.slice(0, 1), { field: 'subtitle', column: 'sub', transform: { type: 'TEXT' } }] },
      'fields[1].column',
      'UNKNOWN_COLUMN',
    ],
    ['an unknown key', { key: ['id'] }, 'key[0]', 'UNKNOWN_COLUMN'],
    [
      'a join of an unknown table',
      { mode: 'OBSERVE', joins: [{ table: 'nowhere', on: [{ column: 'banners_id', joined: 'id' }] }] },
      'joins[0].table',
      'UNKNOWN_TABLE',
    ],
    [
      'a join by a join that comes later',
      {
        mode: 'OBSERVE',
        joins: [
          { table: 'banners', as: 'a', on: [{ column: 'b.banners_id', joined: 'banners_id' }] },
          { table: 'banners', as: 'b', on: [{ column: 'banners_id', joined: 'banners_id' }] },
        ],
      },
      'joins[0].on[0].column',
      'UNKNOWN_COLUMN',
    ],
    [
      'a part of a number',
      { fields: [{ field: 'title', column: 'sort_order', path: 'a', readOnly: true, transform: { type: 'TEXT' } }] },
      'fields[0].path',
      'TRANSFORM_DOES_NOT_FIT',
    ],
    [
      'a date in a column of text',
      { fields: [{ field: 'schedule.from', column: 'title', transform: { type: 'LOCAL_TIME', timeZone: 'UTC' } }] },
      'fields[0].transform',
      'TRANSFORM_DOES_NOT_FIT',
    ],
  ])('with %s does not fit its table', (_, changes, path, code) => {
    const result = compileMapping({ ...MAPPING, ...changes }, [BANNERS]);
    expect(result).toMatchObject({ ok: false, problems: [{ path, code }] });
  });
});
