import { describe, expect, it } from 'vitest';
import type { AdoptionBody } from '@paddock/contracts';
import { adoptionKind } from './adoption.kind.js';
import { mayShareTable } from './share.js';

const BANNERS: AdoptionBody = {
  ...{
    name: 'Banners',
    source: 'old-shop',
    environment: 'production',
    mode: 'OBSERVE',
    table: 'banners',
    key: ['banners_id'],
  },
  documents: { kind: 'promo', keyPrefix: 'banner-' },
  fields: [{ field: 'title', column: 'banners_title', transform: { type: 'TEXT' } }],
};

describe('the body of a mapping', () => {
  it('comes back as it went in', () => {
    const full: AdoptionBody = {
      ...{
        ...BANNERS,
        mode: 'MIRROR',
        mirror: { everySeconds: 5, policy: 'DRAFTS' },
        where: [{ column: 'area', operator: 'IN', values: ['Home'] }],
      },
      join: {
        table: 'texts',
        on: [{ column: 'id', joined: 'banner_id' }],
        where: [{ column: 'lang', operator: 'IN', values: ['1'] }],
      },
      fields: [
        ...BANNERS.fields,
        {
          field: 'text',
          column: 'texts.html',
          transform: { type: 'HTML' },
          encoding: 'UTF8_IN_LATIN1',
          readOnly: true,
        },
      ],
      fixed: [{ field: 'priority', value: 5 }],
    };
    expect(adoptionKind.parse(full)).toEqual({ ok: true, body: full });
  });

  it.each<[string, object, string, string]>([
    ['an unknown mode', { mode: 'TAKE_OVER' }, 'mode', 'UNKNOWN_VALUE'],
    ['no key', { key: [] }, 'key', 'TOO_FEW'],
    ['an unknown field', { colour: 'red' }, 'colour', 'UNKNOWN_FIELD'],
    [
      'an unknown zone',
      { fields: [{ field: 'title', column: 'a', transform: { type: 'TEXT', timeZone: 'Europe/Atlantis' } }] },
      'fields[0].transform.timeZone',
      'UNKNOWN_TIME_ZONE',
    ],
    ['an invalid prefix', { documents: { kind: 'promo', keyPrefix: 'Banner ' } }, 'documents.keyPrefix', 'INVALID_KEY'],
    [
      'a mirror that never rests',
      { mirror: { everySeconds: 0, policy: 'DRAFTS' } },
      'mirror.everySeconds',
      'OUT_OF_RANGE',
    ],
    [
      'a field that no promo has',
      { fields: [...BANNERS.fields, { field: 'slot', column: 'area', transform: { type: 'KEY' } }] },
      'fields[1].field',
      'UNKNOWN_FIELD',
    ],
  ])('is refused with %s', (_, changes, path, code) => {
    const parsed = adoptionKind.parse({ ...BANNERS, ...changes });
    expect(parsed).toMatchObject({ ok: false, problems: [expect.objectContaining({ path, code })] });
  });
});

describe('two mappings of one table', () => {
  const where = (operator: 'IN' | 'NOT_IN', ...values: string[]) => [{ column: 'area', operator, values }];

  it.each<[string, Partial<AdoptionBody>, Partial<AdoptionBody>, boolean]>([
    ['the same rows', {}, {}, false],
    ['different rows', { where: where('IN', 'Home') }, { where: where('IN', 'Side') }, true],
    [
      'rows that most collations take for the same',
      { where: where('IN', 'Home') },
      { where: where('IN', 'hOmé ') },
      false,
    ],
    ['the other rows', { where: where('IN', 'Home') }, { where: where('NOT_IN', 'Home', 'Side') }, true],
    ['some of the other rows', { where: where('IN', 'Home', 'Foot') }, { where: where('NOT_IN', 'Home') }, false],
    [
      'filters on different columns',
      { where: where('IN', 'Home') },
      { where: [{ column: 'status', operator: 'IN', values: ['1'] }] },
      false,
    ],
    ['other kinds of document', {}, { documents: { kind: 'layout', keyPrefix: 'home', gatherBy: [] } }, true],
    [
      'a mirror and write-back, for any rows',
      { mode: 'WRITE_BACK', where: where('IN', 'Home') },
      { mode: 'MIRROR', where: where('IN', 'Side') },
      false,
    ],
    [
      'write-back twice, of other kinds',
      { mode: 'WRITE_BACK' },
      { mode: 'WRITE_BACK', documents: { kind: 'component', keyPrefix: 'c-' } },
      false,
    ],
    ['one that is retired', { mode: 'RETIRED' }, { mode: 'WRITE_BACK' }, true],
  ])('for %s', (_, one, other, may) => {
    expect(mayShareTable({ ...BANNERS, ...one }, { ...BANNERS, ...other })).toBe(may);
    expect(mayShareTable({ ...BANNERS, ...other }, { ...BANNERS, ...one })).toBe(may);
  });

  it('meet by the name of its rows', () => {
    const [claim] = adoptionKind.reach(BANNERS).claims;
    expect(claim).toBe('rows of banners in old-shop');
    expect(adoptionKind.reach({ ...BANNERS, table: 'ü'.repeat(64), source: 's'.repeat(100) }).claims[0]).toMatch(
      /^[\x20-\x7e]{1,115}$/,
    );
  });
});
