import { describe, expect, it } from 'vitest';
import type { AdoptionBody, AdoptionField, Json } from '@paddock/contracts';
import { promoKind } from '../../kinds/promo/promo.kind.js';
import { candidates } from '../import/candidates.js';
import { compileMapping, type CompiledMapping, type Row } from './compiled-mapping.js';
import { fieldPath } from './field-paths.js';
import { bodyOfRow, mapRow } from './map-row.js';
import { mappingProblems } from './mapping-problems.js';
import { column, table } from './table-fixture.js';
import { unmapBody } from './unmap-body.js';

const TABLE = table('cards', [
  column('id', 'int(11)'),
  column('title', 'varchar(300)'),
  column('a', 'text', { nullable: true }),
  column('b', 'varchar(2000)', { nullable: true }),
  column('n', 'int(11)', { nullable: true }),
]);

function compiled(
  fields: AdoptionField[],
  documents: AdoptionBody['documents'] = { kind: 'promo', keyPrefix: 'card-' },
): CompiledMapping {
  const result = compileMapping(
    {
      name: 'Cards',
      source: 's',
      environment: 'e',
      mode: 'WRITE_BACK',
      table: 'cards',
      key: ['id'],
      documents,
      fields,
    },
    [TABLE],
  );
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return result.mapping;
}

const field = (
  name: string,
  of: string,
  transform: Partial<AdoptionField['transform']> = {},
  more: Partial<AdoptionField> = {},
): AdoptionField => ({ field: name, column: of, transform: { type: 'TEXT', ...transform }, ...more });
const TITLE = field('title', 'title');
const row = (mapping: CompiledMapping, cells: Record<string, string | null>): Row =>
  mapping.columns.map(({ ref }) => {
    const cell = { id: '1', title: 'Title', ...cells }[ref] ?? null;
    return cell === null ? null : Buffer.from(cell);
  });
const cellOf = (mapping: CompiledMapping, body: { [name: string]: Json }, present: Row, ref: string) => {
  const { cells, problems } = unmapBody(body, mapping, present);
  return { cell: [...cells].find(([{ ref: name }]) => name === ref)?.[1]?.toString() ?? null, problems };
};

describe('one bad value', () => {
  it.each<[string, AdoptionField, string, string]>([
    ['an address that is a script', field('cta.href', 'b', { type: 'URL' }), 'javascript:alert(1)', 'INVALID_LINK'],
    ['an address with http:', field('image.url', 'b', { type: 'IMAGE' }), 'http://shop.example/a.png', 'INVALID_LINK'],
    ['a line break where none may be', field('subtitle', 'a'), 'two\r\nlines', 'CONTROL_CHARACTER'],
    ['a text that is too long', field('badge', 'a'), 'x'.repeat(41), 'TOO_LONG'],
    [
      'a group that is not listed',
      field('tags', 'b', { type: 'VALUES', values: [{ column: 'Top', field: 'top' }] }),
      'Other',
      'UNKNOWN_VALUE',
    ],
    ['a value of props with a control character', field('props.x', 'a'), 'a\u0007b', 'CONTROL_CHARACTER'],
  ])('that is %s is left out alone, is listed, and keeps its bytes when the row is written', (_, bad, cell, code) => {
    const mapping = compiled([TITLE, bad]);
    const present = row(mapping, { [bad.column]: cell });
    const [made] = candidates([present], mapping, promoKind);
    expect([made?.problems, made?.leftOut]).toEqual([
      [],
      [expect.objectContaining({ key: ['1'], column: bad.column, code, outcome: 'VALUE_LEFT_OUT' })],
    ]);
    const body = JSON.parse(made?.made?.body ?? '{}');
    expect(body).toMatchObject({ title: 'Title' });
    expect(cellOf(mapping, { ...body, title: 'Other' }, present, bad.column)).toEqual({ cell, problems: [] });
  });

  it.each<[string, AdoptionField, string]>([
    ['a status', field('shown', 'n', { type: 'STATUS' }), '7'],
    ['a time', field('schedule.from', 'n', { type: 'UNIX_TIME', timeZone: 'UTC' }), '-5'],
    ['a value that the mapping says so of', field('badge', 'a', {}, { badValues: 'REFUSE_ROW' }), 'x'.repeat(41)],
  ])('that is %s rejects its row: no visitor may see more because of it', (_, bad, cell) => {
    const mapping = compiled([TITLE, bad]);
    const [made] = candidates([row(mapping, { [bad.column]: cell })], mapping, promoKind);
    expect([made?.made, made?.problems.map(({ column: name }) => name), made?.leftOut]).toEqual([
      undefined,
      [bad.column],
      [],
    ]);
  });

  it('loses one setting of a component, and no other', () => {
    const documents = { kind: 'component', keyPrefix: 'settings-', gatherBy: [] } as const;
    const mapping = compiled([field('setting.name', 'title'), field('setting.value', 'a')], {
      ...documents,
      gatherBy: [],
    });
    const name = { ...mapping, body: { ...mapping.body, fixed: [{ field: 'name', value: 'Settings' }] } };
    const kind = {
      ...promoKind,
      name: 'component' as const,
      parse: (body: Json) => ({ ok: true as const, body }),
      label: () => '',
    } as unknown as typeof promoKind;
    const [made] = candidates(
      [row(mapping, { title: 'good', a: 'one' }), row(mapping, { id: '2', title: 'bad', a: 'two\r\nlines' })],
      name,
      kind,
    );
    expect(Object.keys(JSON.parse(made?.made?.body ?? '{}').propsSchema.properties)).toEqual(['good']);
    expect(made?.leftOut).toEqual([
      expect.objectContaining({ key: ['2'], code: 'CONTROL_CHARACTER', outcome: 'SETTING_LEFT_OUT' }),
    ]);
  });

  it('is not left out alone where the mapping asks for what would show more', () => {
    const { body } = compiled([TITLE]);
    const wanted = field('shown', 'n', { type: 'STATUS' }, { badValues: 'LEAVE_OUT_VALUE' });
    expect(mappingProblems({ ...body, fields: [TITLE, wanted] })).toEqual([
      expect.objectContaining({ path: 'fields[1].badValues', code: 'NOT_ALLOWED' }),
    ]);
  });

  it.each<[string, Json]>([
    ['title', 'x'.repeat(200)],
    ['subtitle', 'x'.repeat(300)],
    ['badge', 'x'.repeat(40)],
    ['terms', 'x'.repeat(5000)],
    ['cta.label', 'x'.repeat(80)],
    ['image.alt', 'x'.repeat(300)],
    ['cta.href', `/${'x'.repeat(1999)}`],
  ])('of %s is what its kind says it is', (path, longest) => {
    const mapping = compiled([TITLE]);
    const body = (value: Json) =>
      bodyOfRow(
        {
          ...mapRow(row(mapping, {}), mapping),
          values: [
            ['title', 'T'],
            ['cta.label', 'L'],
            ['cta.href', '/x'],
            ['image.url', '/x'],
            [path, value],
          ],
        },
        mapping,
      );
    const refused = (value: Json) => {
      const parsed = promoKind.parse(body(value));
      return parsed.ok ? [] : parsed.problems.map(({ path: at }) => at);
    };
    const rule = fieldPath({ kind: 'promo' }, path)?.rule;
    expect([rule?.(longest), refused(longest)]).toEqual([[], []]);
    expect([rule?.(`${String(longest)}x`).map(({ code }) => code), refused(`${String(longest)}x`)]).toEqual([
      [expect.any(String)],
      [path],
    ]);
  });
});

describe('an address that begins with http:', () => {
  it.each([
    ['UPGRADE', 'http://shop.example/?a=1&amp;b=2', 'https://shop.example/?a=1&b=2'],
    ['UPGRADE', '//cdn.example/x', 'https://cdn.example/x'],
    ['UPGRADE', '/offers', '/offers'],
  ] as const)('is read by %s, and keeps its bytes until it is changed', (httpLinks, cell, href) => {
    const mapping = compiled([TITLE, field('cta.href', 'b', { type: 'URL', httpLinks })]);
    const present = row(mapping, { b: cell });
    expect(mapRow(present, mapping).values).toContainEqual(['cta.href', href]);
    expect(cellOf(mapping, { title: 'Title', cta: { href } }, present, 'b')).toEqual({ cell, problems: [] });
    expect(cellOf(mapping, { title: 'Title', cta: { href: 'https://new.example/' } }, present, 'b')).toEqual({
      cell: 'https://new.example/',
      problems: [],
    });
  });

  it('is left out by DROP, and is listed', () => {
    const mapping = compiled([TITLE, field('image.url', 'b', { type: 'IMAGE', httpLinks: 'DROP' })]);
    const present = row(mapping, { b: 'http://shop.example/a.png' });
    const mapped = mapRow(present, mapping);
    expect([mapped.values, mapped.problems, mapped.removed]).toEqual([
      [['title', 'Title']],
      [],
      [{ column: 'b', what: 'address "http://shop.example/a.png": begins with http:' }],
    ]);
    expect(cellOf(mapping, { title: 'Title' }, present, 'b')).toEqual({
      cell: 'http://shop.example/a.png',
      problems: [],
    });
  });
});

describe('line breaks of a back office', () => {
  it.each([
    ['CRLF', 'one\r\ntwo\rthree', 'one\ntwo\nthree', 'one\r\n2'],
    ['SPACES', 'one\r\ntwo', 'one two', 'one\n2'],
  ] as const)('are read by %s, and written as it writes them', (lineBreaks, cell, terms, written) => {
    const mapping = compiled([TITLE, field('terms', 'a', { lineBreaks })]);
    const present = row(mapping, { a: cell });
    expect(mapRow(present, mapping).values).toContainEqual(['terms', terms]);
    expect(cellOf(mapping, { title: 'Title', terms }, present, 'a')).toEqual({ cell, problems: [] });
    if (lineBreaks === 'CRLF')
      expect(cellOf(mapping, { title: 'Title', terms: 'one\n2' }, present, 'a')).toEqual({
        cell: written,
        problems: [],
      });
    else
      expect(cellOf(mapping, { title: 'Title', terms: 'one\n2' }, present, 'a').problems).toEqual([
        expect.objectContaining({ column: 'a', why: 'would read back as something else' }),
      ]);
  });
});

describe('markup that is stored with character references', () => {
  const mapping = compiled([TITLE, field('text', 'a', { type: 'ESCAPED_HTML' })]);

  it.each([
    ['&lt;p&gt;Tom &amp;amp; &lt;b&gt;Jerry&lt;/b&gt;&lt;/p&gt;', 'Tom & **Jerry**', []],
    ['Tom &amp; Jerry', 'Tom & Jerry', []],
    [
      '&lt;p onclick=&quot;x()&quot;&gt;Hi&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;',
      'Hi',
      ['attribute onClick of <p>', '<script> with its content'],
    ],
    [
      '&lt;ul&gt;&lt;li&gt;One&lt;/li&gt;&lt;li&gt;&lt;a href=&quot;/x?a=1&amp;amp;b=2&quot;&gt;Two&lt;/a&gt;&lt;/li&gt;&lt;/ul&gt;',
      '- One\n- [Two](/x?a=1\\&b=2)',
      [],
    ],
  ])('is resolved, and then reduced: %s', (cell, markdown, removed) => {
    const present = row(mapping, { a: cell });
    const mapped = mapRow(present, mapping);
    expect([mapped.values, mapped.removed.map(({ what }) => what).sort()]).toEqual([
      expect.arrayContaining([['text', markdown]]),
      [...removed].sort(),
    ]);
    // It is not touched while it means the same.
    expect(cellOf(mapping, { title: 'Title', text: markdown }, present, 'a')).toEqual({ cell, problems: [] });
  });

  it.each([
    'A **bold** start',
    '## Title\n\nText with *emphasis* and `code < 1`',
    '1. First\n2. Second\n   - below',
    'Line\\\nbreak',
    '![Alt "x"](/a.png "T")',
    'Tom & Jerry < 3 > "x"',
    '5. Five\n6. Six',
    'a\n\nb',
  ])('is written as markup with references, and reads back the same: %s', (text) => {
    const present = row(mapping, { a: '&lt;p&gt;Before&lt;/p&gt;' });
    const { cell, problems } = cellOf(mapping, { title: 'Title', text }, present, 'a');
    expect(problems).toEqual([]);
    expect(cell).not.toMatch(/[<>"]/);
    expect(mapRow(row(mapping, { a: cell }), mapping).problems).toEqual([]);
  });
});
