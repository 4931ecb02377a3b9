import { describe, expect, it } from 'vitest';
import type { AdoptionBody, Json } from '@paddock/contracts';
import { type CompiledMapping, compileMapping, type Row } from '../mapping/compiled-mapping.js';
import { BANNERS } from '../mapping/table-fixture.js';
import { rowHash } from '../rows/row-hash.js';
import { decideWrite, type WriteQuestion } from './decide-write.js';

const BODY: AdoptionBody = {
  ...{
    name: 'Banners',
    source: 'shop',
    environment: 'production',
    mode: 'WRITE_BACK',
    table: 'banners',
    key: ['banners_id'],
  },
  documents: { kind: 'promo', keyPrefix: 'banner-' },
  fields: [
    { field: 'title', column: 'title', transform: { type: 'TEXT' } },
    { field: 'schedule.from', column: 'starts', transform: { type: 'LOCAL_TIME', timeZone: 'UTC' } },
  ],
};

const compiled = compileMapping(BODY, [BANNERS]);
if (!compiled.ok) throw new Error('the mapping does not fit');
const mapping: CompiledMapping = compiled.mapping;

const row = (title: string, starts: string | null = null): Row => [
  Buffer.from('7'),
  starts === null ? null : Buffer.from(starts),
  Buffer.from(title),
];
const promo = (title: string): { [name: string]: Json } => ({ title });
const known = (present: Row): WriteQuestion['known'] => ({ hash: rowHash(present), state: 'PRESENT' });
const GONE: WriteQuestion['known'] = { hash: 'x', state: 'GONE' };

function ask(question: Partial<WriteQuestion>) {
  const decision = decideWrite({
    mapping,
    wanted: null,
    present: undefined,
    known: undefined,
    begun: undefined,
    image: undefined,
    ...question,
  });
  if (!('cells' in decision)) return decision;
  return {
    ...decision,
    cells: Object.fromEntries([...decision.cells].map(([column, cell]) => [column.ref, cell?.toString() ?? null])),
  };
}

describe('a row that is as Paddock last saw it', () => {
  it('is updated, guarded by what was seen', () => {
    expect(ask({ wanted: promo('New'), present: row('Old'), known: known(row('Old')) })).toEqual({
      do: 'UPDATE',
      cells: { title: 'New' },
      guard: rowHash(row('Old')),
    });
  });

  it('is left where it already means the document, also in other words', () => {
    expect(
      ask({
        wanted: promo('Old'),
        present: row('Old', '0000-00-00 00:00:00'),
        known: known(row('Old', '0000-00-00 00:00:00')),
      }),
    ).toEqual({ do: 'NOTHING' });
  });

  it('gets back the very bytes that it had when it meant the document', () => {
    const image = new Map([
      ['title', Buffer.from('Old')],
      ['starts', Buffer.from('0000-00-00 00:00:00')],
    ]);
    expect(ask({ wanted: promo('Old'), present: row('New'), known: known(row('New')), image })).toMatchObject({
      do: 'UPDATE',
      cells: { title: 'Old', starts: '0000-00-00 00:00:00' },
    });
  });

  it('is deleted with its document', () => {
    expect(ask({ present: row('Old'), known: known(row('Old')) })).toEqual({
      do: 'DELETE',
      guard: rowHash(row('Old')),
    });
  });

  it('keeps what it has where the document does not fit into it', () => {
    expect(ask({ wanted: promo('x'.repeat(65)), present: row('Old'), known: known(row('Old')) })).toMatchObject({
      do: 'REFUSE',
      problems: [{ column: 'title' }],
    });
  });
});

describe('a row that another program changed', () => {
  it('is left alone, for any release', () => {
    expect(ask({ wanted: promo('New'), present: row('Theirs'), known: known(row('Old')) })).toEqual({
      do: 'DRIFT',
      kind: 'CHANGED',
    });
    expect(ask({ present: row('Theirs'), known: known(row('Old')) })).toEqual({ do: 'DRIFT', kind: 'CHANGED' });
  });

  it('is fine where they made the very same change', () => {
    expect(ask({ wanted: promo('New'), present: row('New'), known: known(row('Old')) })).toEqual({ do: 'NOTHING' });
  });

  it('is drift where it was deleted, and where it came back', () => {
    expect(ask({ wanted: promo('New'), known: known(row('Old')) })).toEqual({ do: 'DRIFT', kind: 'DELETED' });
    expect(ask({ wanted: promo('New'), present: row('Theirs'), known: GONE })).toEqual({
      do: 'DRIFT',
      kind: 'APPEARED',
    });
    expect(ask({ known: known(row('Old')) })).toEqual({ do: 'NOTHING' });
  });
});

describe('after a crash in the middle of a write', () => {
  it('a write that came through is recognised, and the next one follows', () => {
    expect(
      ask({ wanted: promo('New'), present: row('New'), known: known(row('Old')), begun: { body: promo('New') } }),
    ).toEqual({ do: 'NOTHING' });
    expect(
      ask({ wanted: promo('Newer'), present: row('New'), known: known(row('Old')), begun: { body: promo('New') } }),
    ).toMatchObject({ do: 'UPDATE', guard: rowHash(row('New')) });
  });

  it('a write that did not come through is made again', () => {
    expect(
      ask({ wanted: promo('New'), present: row('Old'), known: known(row('Old')), begun: { body: promo('New') } }),
    ).toMatchObject({ do: 'UPDATE' });
  });

  it('a deletion that came through is no drift', () => {
    expect(ask({ known: known(row('Old')), begun: { body: null } })).toEqual({ do: 'NOTHING' });
    expect(ask({ wanted: promo('Again'), known: known(row('Old')), begun: { body: null } })).toMatchObject({
      do: 'INSERT',
    });
  });

  it('does not take a concurrent foreign write for its own', () => {
    expect(
      ask({ wanted: promo('New'), present: row('Theirs'), known: known(row('Old')), begun: { body: promo('New') } }),
    ).toEqual({ do: 'DRIFT', kind: 'CHANGED' });
  });
});

describe('a document without a row', () => {
  it('gets one, new or back', () => {
    expect(ask({ wanted: promo('New') })).toEqual({ do: 'INSERT', cells: { title: 'New', starts: null } });
    expect(ask({ wanted: promo('Back'), known: GONE })).toMatchObject({ do: 'INSERT' });
  });
});
