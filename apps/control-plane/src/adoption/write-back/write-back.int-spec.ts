import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { type AdoptionWorld, adoptionWorld } from '../testing/adoption-world.js';

let adoption: AdoptionWorld;

/** Imported, published as it is, and handed over. */
beforeEach(async () => {
  adoption = await adoptionWorld();
  await adoption.admin.import(adoption.banners);
  const ids = await Promise.all(
    [1, 2, 3, 4, 5].map(async (id) => (await adoption.admin.document(`banner-${id}`))?.id ?? ''),
  );
  await adoption.admin.editor.land(ids);
  await adoption.publishMapping({ mode: 'WRITE_BACK' });
});

afterEach(async () => {
  await adoption.close();
});

const row = async (id: number) =>
  (
    await adoption.shop.read(
      `SELECT banner_title, banner_area, start_date, expire_date, status, clicks FROM banners WHERE banner_id = ${id}`,
    )
  )[0];

describe('a table that is written back', () => {
  it('is left to the byte as it was when it is taken over', async () => {
    const before = await adoption.shop.read('SELECT * FROM banners');
    expect(await adoption.writeBack()).toEqual([
      { seq: 1, state: 'APPLIED' },
      { seq: 2, state: 'SKIPPED' },
    ]);
    expect(await adoption.shop.read('SELECT * FROM banners')).toEqual(before);
    expect(await adoption.writeBack()).toEqual([]);
  });

  it('follows releases, and changes nothing but what they say', async () => {
    await adoption.writeBack();
    await adoption.publish('banner-2', {
      title: 'Café final',
      tags: ['side'],
      schedule: { to: '2036-02-01T00:00', timeZone: 'Europe/London' },
    });
    expect(await adoption.writeBack()).toEqual([{ seq: 3, state: 'APPLIED' }]);
    expect(await row(2)).toEqual({
      banner_title: 'Café final',
      banner_area: 'Side',
      start_date: null,
      expire_date: '2036-02-01 00:00:00',
      status: 1,
      clicks: 12,
    });
    expect(await adoption.shop.read('SELECT HEX(banner_title) AS hex FROM banners WHERE banner_id = 2')).toEqual([
      { hex: '436166E92066696E616C' },
    ]);
  });

  it('is put back to the byte by a rollback', async () => {
    // A zero date and NULL mean the same here, and both must come back as what they were.
    await adoption.shop.run("UPDATE banners SET start_date = '0000-00-00 00:00:00' WHERE banner_id = 1");
    await adoption.writeBack();
    const before = await adoption.shop.bytes(1);
    const { id } = await adoption.publish('banner-1', {
      title: 'Changed',
      schedule: { from: '2026-05-01T10:00', timeZone: 'Europe/London' },
    });
    await adoption.writeBack();
    expect(await adoption.shop.bytes(1)).not.toBe(before);
    expectOk(await adoption.admin.editor.rollback(id), 'Release');
    expect(await adoption.writeBack()).toEqual([{ seq: 4, state: 'APPLIED' }]);
    expect(await adoption.shop.bytes(1)).toBe(before);
  });

  it('gets new rows for new documents, and loses the rows of removed ones until they come back', async () => {
    await adoption.writeBack();
    await adoption.publish('banner-summer', { title: 'Summer', tags: ['top'], priority: 990 });
    await adoption.writeBack();
    const [fresh] = await adoption.shop.read(
      "SELECT banner_id, banner_area, sort_order, expire_date FROM banners WHERE banner_title = 'Summer'",
    );
    expect(fresh).toEqual({ banner_id: 6, banner_area: 'Top', sort_order: 10, expire_date: '0001-01-01 00:00:00' });
    const before = await adoption.shop.bytes(1);
    const welcome = await adoption.admin.document('banner-1');
    const { id } = await adoption.admin.editor.land([], { remove: [welcome?.id ?? ''] });
    await adoption.writeBack();
    expect(await row(1)).toBeUndefined();
    expectOk(await adoption.admin.editor.rollback(id), 'Release');
    await adoption.writeBack();
    expect(await adoption.shop.bytes(1)).toBe(before);
  });

  it('reports the values that do not fit into a row, and writes the other rows', async () => {
    await adoption.writeBack();
    await adoption.publish('banner-1', { title: 'Приветствие' });
    expect(await adoption.writeBack()).toEqual([
      {
        seq: 3,
        state: 'REJECTED',
        error: expect.stringContaining('title (banner_title) has characters that latin1 lacks'),
      },
    ]);
    expect(await adoption.drift()).toEqual([expect.objectContaining({ kind: 'DOES_NOT_FIT', seq: 3 })]);
    await adoption.publish('banner-1', { title: 'Welcome again' });
    expect(await adoption.writeBack()).toEqual([{ seq: 4, state: 'APPLIED' }]);
    expect([await row(1), await adoption.drift()]).toEqual([
      expect.objectContaining({ banner_title: 'Welcome again' }),
      [],
    ]);
  });

  it('pauses where a column is dropped, names the column, and resumes from there', async () => {
    await adoption.writeBack();
    await adoption.shop.run('ALTER TABLE banners CHANGE sort_order position int(11) NOT NULL DEFAULT 0');
    await adoption.publish('banner-1', { title: 'Meanwhile' });
    expect(await adoption.writeBack()).toEqual([
      { seq: 3, state: 'REJECTED', error: expect.stringContaining('"sort_order"') },
    ]);
    expect(await adoption.table()).toMatchObject({
      pausedBecause: expect.stringContaining('"sort_order"'),
      writtenSeq: 2,
    });
    await adoption.shop.run('ALTER TABLE banners CHANGE position sort_order int(11) NOT NULL DEFAULT 0');
    expect(await adoption.writeBack()).toEqual([{ seq: 3, state: 'APPLIED' }]);
    expect([await row(1), await adoption.table()]).toMatchObject([
      { banner_title: 'Meanwhile' },
      { pausedBecause: null, writtenSeq: 3 },
    ]);
  });
});

describe('a row that another program changed', () => {
  beforeEach(async () => {
    await adoption.writeBack();
  });

  const changeUnderneath = async () => {
    await adoption.shop.run("UPDATE banners SET banner_title = 'Theirs' WHERE banner_id = 1");
    const landed = await adoption.publish('banner-1', { title: 'Ours' });
    return { landed, receipts: await adoption.writeBack() };
  };

  it('between plan and land is never overwritten; the others are written', async () => {
    await adoption.shop.run("UPDATE banners SET banner_title = 'Theirs' WHERE banner_id = 1");
    for (const id of [1, 2]) {
      const document = await adoption.admin.document(`banner-${id}`);
      expectOk(
        await adoption.admin.editor.saveDraft({
          key: `banner-${id}`,
          lockVersion: document?.draft.lockVersion ?? 0,
          body: { promo: { title: `Ours ${id}`, tags: ['top'], priority: 1 } },
        }),
        'Document',
      );
    }
    const ids = await Promise.all([1, 2].map(async (id) => (await adoption.admin.document(`banner-${id}`))?.id ?? ''));
    await adoption.admin.editor.land(ids);
    expect(await adoption.writeBack()).toEqual([
      { seq: 3, state: 'REJECTED', error: '1 of 2 rows: banner-1: the row 1 was changed by another program' },
    ]);
    expect([await row(1), await row(2)]).toMatchObject([{ banner_title: 'Theirs' }, { banner_title: 'Ours 2' }]);
    const [event] = await adoption.drift();
    expect(event).toMatchObject({ kind: 'CHANGED', seq: 3 });
    expect(event?.columns.filter(({ differs }) => differs)).toContainEqual({
      column: 'banner_title',
      theirs: 'Theirs',
      ours: 'Ours 1',
      differs: true,
    });
  });

  it('goes back to ours where that is what was decided', async () => {
    await changeUnderneath();
    const [event] = await adoption.drift();
    expect(expectOk(await adoption.resolve(event?.id ?? '', 'OURS'), 'DriftEvent')).toMatchObject({
      state: 'TOOK_OURS',
    });
    expect([await row(1), await adoption.drift()]).toMatchObject([{ banner_title: 'Ours' }, []]);
    // What was theirs for a while must not come back with the document that it never was.
    const { id } = await adoption.publish('banner-1', { title: 'Something else' });
    await adoption.writeBack();
    expectOk(await adoption.admin.editor.rollback(id), 'Release');
    await adoption.writeBack();
    expect(await row(1)).toMatchObject({ banner_title: 'Ours' });
    expect(expectProblem(await adoption.resolve(event?.id ?? '', 'OURS'), 'VALIDATION').fields).toEqual([
      expect.objectContaining({ code: 'ALREADY_SETTLED' }),
    ]);
  });

  it('becomes a draft where that is what was decided, and may be written again', async () => {
    await changeUnderneath();
    const [event] = await adoption.drift();
    expectOk(await adoption.resolve(event?.id ?? '', 'THEIRS'), 'DriftEvent');
    expect((await adoption.admin.document('banner-1'))?.draft.body).toMatchObject({ title: 'Theirs' });
    await adoption.publish('banner-1', { title: 'Ours at last' });
    expect(await adoption.writeBack()).toEqual([{ seq: 4, state: 'APPLIED' }]);
    expect(await row(1)).toMatchObject({ banner_title: 'Ours at last' });
  });

  it('again is not settled unseen', async () => {
    await changeUnderneath();
    const [event] = await adoption.drift();
    await adoption.shop.run("UPDATE banners SET banner_title = 'Theirs, newer' WHERE banner_id = 1");
    expect(expectProblem(await adoption.resolve(event?.id ?? '', 'OURS'), 'VALIDATION').fields).toEqual([
      expect.objectContaining({ code: 'CHANGED_AGAIN' }),
    ]);
    expect(await row(1)).toMatchObject({ banner_title: 'Theirs, newer' });
    const [again] = await adoption.drift();
    expect(again?.columns).toContainEqual(expect.objectContaining({ column: 'banner_title', theirs: 'Theirs, newer' }));
    expectOk(await adoption.resolve(again?.id ?? '', 'THEIRS'), 'DriftEvent');
  });

  it('stays theirs through a rollback', async () => {
    const { landed } = await changeUnderneath();
    expectOk(await adoption.admin.editor.rollback(landed.id), 'Release');
    await adoption.writeBack();
    expect([await row(1), await adoption.drift()]).toMatchObject([{ banner_title: 'Theirs' }, [{ kind: 'CHANGED' }]]);
  });

  it('is found by a look too, and is no drift where it was changed back', async () => {
    await adoption.shop.run(
      "UPDATE banners SET banner_title = 'Theirs' WHERE banner_id = 3; DELETE FROM banners WHERE banner_id = 4; INSERT INTO banners (banner_id, banner_title, banner_area) VALUES (77, 'Appeared', 'Top')",
    );
    await adoption.look();
    await adoption.look();
    expect((await adoption.drift()).map(({ kind, seq }) => [kind, seq]).sort()).toEqual([
      ['APPEARED', null],
      ['CHANGED', null],
      ['DELETED', null],
    ]);
    expect(await adoption.table()).toMatchObject({ openDrift: 3, days: [{ foreignChanges: 3, drifts: 3 }] });
    await adoption.shop.run("UPDATE banners SET banner_title = 'Racing all day' WHERE banner_id = 3");
    await adoption.look();
    expect((await adoption.drift()).map(({ kind }) => kind).sort()).toEqual(['APPEARED', 'DELETED']);
  });

  it('deleted under a draft comes back, or takes the document with it', async () => {
    const before = await adoption.shop.bytes(4);
    await adoption.shop.run('DELETE FROM banners WHERE banner_id = 4');
    await adoption.look();
    const [event] = await adoption.drift();
    expect(event).toMatchObject({
      kind: 'DELETED',
      columns: expect.arrayContaining([
        expect.objectContaining({ column: 'banner_title', theirs: null, ours: 'Old promotion' }),
      ]),
    });
    expectOk(await adoption.resolve(event?.id ?? '', 'OURS'), 'DriftEvent');
    expect(Buffer.from(before, 'hex').toString('latin1')).toContain('Old promotion');
    expect(await row(4)).toMatchObject({ banner_title: 'Old promotion', status: 0 });
    await adoption.shop.run('DELETE FROM banners WHERE banner_id = 4');
    await adoption.look();
    const [again] = await adoption.drift();
    expectOk(await adoption.resolve(again?.id ?? '', 'THEIRS'), 'DriftEvent');
    const { data } = await adoption.admin.client.send(
      '{ releases(environment: "production", state: DRAFT, first: 5) { nodes { items { op document { key } } } } }',
    );
    expect(data?.releases).toEqual({ nodes: [{ items: [{ op: 'REMOVE', document: { key: 'banner-4' } }] }] });
  });

  it('added becomes a draft, or is deleted', async () => {
    await adoption.shop.run(
      "INSERT INTO banners (banner_id, banner_title, banner_area, expire_date) VALUES (77, 'Appeared', 'Top', '0001-01-01 00:00:00'), (78, 'Unwanted', 'Top', '0001-01-01 00:00:00')",
    );
    await adoption.look();
    const events = await adoption.drift();
    const of = (title: string) =>
      events.find(({ columns }) => columns.some(({ theirs }) => theirs === title))?.id ?? '';
    expectOk(await adoption.resolve(of('Appeared'), 'THEIRS'), 'DriftEvent');
    expectOk(await adoption.resolve(of('Unwanted'), 'OURS'), 'DriftEvent');
    expect((await adoption.admin.document('banner-77'))?.draft.body).toMatchObject({ title: 'Appeared' });
    expect([await row(77), await row(78)]).toEqual([expect.objectContaining({ banner_title: 'Appeared' }), undefined]);
    await adoption.look();
    expect(await adoption.drift()).toEqual([]);
  });
});

describe('handing over', () => {
  it('asks for an import first', async () => {
    const settings = {
      ...(await adoption.admin.proposed('old-shop', 'news', 'PROMO')),
      mode: 'WRITE_BACK',
      join: undefined,
    };
    const mapping = { ...settings, fields: [{ field: 'title', column: 'news_image', transform: { type: 'TEXT' } }] };
    const id = await adoption.admin.saveMapping('news', mapping);
    await adoption.admin.editor.land([id]);
    expect(await adoption.writeBack()).toContainEqual({
      seq: 3,
      state: 'REJECTED',
      error: expect.stringContaining('import'),
    });
  });

  it('reads other columns from now on without taking all rows for changed', async () => {
    await adoption.writeBack();
    await adoption.publishMapping({
      mode: 'WRITE_BACK',
      fields: [{ field: 'title', column: 'banner_title', transform: { type: 'TEXT' } }],
    });
    await adoption.publish('banner-1', { title: 'With fewer columns' });
    expect(await adoption.writeBack()).toEqual([
      { seq: 3, state: 'SKIPPED' },
      { seq: 4, state: 'APPLIED' },
    ]);
    expect([await row(1), await adoption.drift()]).toMatchObject([{ banner_title: 'With fewer columns' }, []]);
  });

  it('shows every step and who still writes, from observed to retired', async () => {
    const shown = async () => {
      const { state, lastForeignChangeAt, days } = await adoption.table();
      return { state, foreign: lastForeignChangeAt !== null, days };
    };
    await adoption.writeBack();
    expect(await shown()).toEqual({ state: 'WRITTEN_BACK', foreign: false, days: [] });
    await adoption.shop.run("UPDATE banners SET banner_title = 'Theirs' WHERE banner_id = 3");
    await adoption.look();
    expect(await shown()).toEqual({
      state: 'WRITTEN_BACK',
      foreign: true,
      days: [{ foreignChanges: 1, drifts: 1, writes: 0 }],
    });
    await adoption.publish('banner-1', { title: 'Ours' });
    await adoption.writeBack();
    for (const [mode, state] of [
      ['OBSERVE', 'OBSERVED'],
      ['MIRROR', 'MIRRORED'],
      ['RETIRED', 'RETIRED'],
    ]) {
      await adoption.publishMapping({ mode, mirror: { everySeconds: 1, policy: 'DRAFTS' } });
      await adoption.look();
      expect(await shown()).toMatchObject({ state, foreign: true, days: [{ drifts: 1, writes: 1 }] });
    }
  });

  it('ends: a retired table is left to itself', async () => {
    await adoption.writeBack();
    await adoption.publishMapping({ mode: 'RETIRED' });
    await adoption.publish('banner-1', { title: 'Without the table' });
    expect(await adoption.writeBack()).toEqual([]);
    await adoption.look();
    expect([await row(1), await adoption.table()]).toMatchObject([
      { banner_title: 'Welcome offer' },
      { state: 'RETIRED' },
    ]);
  });
});
