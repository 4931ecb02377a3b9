import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectOk } from '../../testing/expect-result.js';
import { type AdoptionWorld, adoptionWorld, BANNERS } from '../testing/adoption-world.js';

let adoption: AdoptionWorld;

beforeEach(async () => {
  adoption = await adoptionWorld();
});

afterEach(async () => {
  await adoption.close();
});

const MIRROR = { mode: 'MIRROR', mirror: { everySeconds: 1, policy: 'DRAFTS' } };
const title = async (key: string) => (await adoption.admin.document(key))?.draft.body['title'];

describe('a mirrored table', () => {
  it('brings new and changed rows over as drafts, and nothing else', async () => {
    await adoption.publishMapping(MIRROR);
    await adoption.look();
    expect(await title('banner-2')).toBe('Café derby');
    expect(await adoption.table()).toMatchObject({ state: 'MIRRORED', lastForeignChangeAt: null, days: [] });
    await adoption.shop.run(
      "UPDATE banners SET banner_title = 'Derby day', clicks = clicks + 1 WHERE banner_id = 2; UPDATE banners SET clicks = 99 WHERE banner_id = 1",
    );
    await adoption.shop.run(
      "INSERT INTO banners (banner_id, banner_title, banner_area, status) VALUES (40, 'Brand new', 'Top', 1)",
    );
    await adoption.look();
    expect([await title('banner-2'), await title('banner-40')]).toEqual(['Derby day', 'Brand new']);
    expect((await adoption.admin.document('banner-1'))?.draft.lockVersion).toBe(1);
    expect(await adoption.table()).toMatchObject({
      state: 'MIRRORED',
      rows: 6,
      lastForeignChangeAt: expect.any(String),
      days: [{ foreignChanges: 2, drifts: 0, writes: 0 }],
    });
  });

  it('does not overwrite what an editor changed, and lists both sides', async () => {
    await adoption.publishMapping(MIRROR);
    await adoption.look();
    expectOk(
      await adoption.admin.editor.saveDraft({
        key: 'banner-3',
        lockVersion: 1,
        body: { promo: { title: 'By an editor' } },
      }),
      'Document',
    );
    await adoption.shop.run("UPDATE banners SET banner_title = 'By the old shop' WHERE banner_id = 3");
    await adoption.look();
    await adoption.look();
    expect(await title('banner-3')).toBe('By an editor');
    const [event, ...more] = await adoption.drift();
    expect(more).toEqual([]);
    expect(event).toMatchObject({ kind: 'DRAFT_EDITED' });
    expect(event?.columns).toContainEqual({
      column: 'banner_title',
      theirs: 'By the old shop',
      ours: 'By an editor',
      differs: true,
    });
    expectOk(await adoption.resolve(event?.id ?? '', 'THEIRS'), 'DriftEvent');
    expect(await title('banner-3')).toBe('By the old shop');
    await adoption.look();
    expect(await adoption.drift()).toEqual([]);
  });

  it('keeps the draft where that is what was decided', async () => {
    await adoption.publishMapping(MIRROR);
    await adoption.look();
    expectOk(
      await adoption.admin.editor.saveDraft({
        key: 'banner-3',
        lockVersion: 1,
        body: { promo: { title: 'By an editor' } },
      }),
      'Document',
    );
    await adoption.shop.run("UPDATE banners SET banner_title = 'By the old shop' WHERE banner_id = 3");
    await adoption.look();
    const [event] = await adoption.drift();
    expectOk(await adoption.resolve(event?.id ?? '', 'OURS'), 'DriftEvent');
    await adoption.look();
    expect([await title('banner-3'), await adoption.drift()]).toEqual(['By an editor', []]);
  });

  it('lands changes and removals by itself where the policy says so', async () => {
    await adoption.publishMapping({ ...MIRROR, mirror: { everySeconds: 1, policy: 'RELEASES' } });
    await adoption.look();
    expect(Object.keys(await adoption.admin.editor.live())).toHaveLength(6);
    await adoption.shop.run(
      "UPDATE banners SET banner_title = 'Derby day' WHERE banner_id = 2; DELETE FROM banners WHERE banner_id = 5",
    );
    await adoption.look();
    const live = await adoption.admin.editor.live();
    expect(live['promo/*/banner-2']).toBe('Derby day');
    expect(live['promo/*/banner-5']).toBeUndefined();
    await adoption.shop.run(
      "INSERT INTO banners (banner_id, banner_title, banner_url, banner_image, banner_area, status, sort_order) VALUES (5, 'Download the app', '/app', 'banners/app.png', 'Side', 1, 30)",
    );
    await adoption.look();
    expect((await adoption.admin.editor.live())['promo/*/banner-5']).toBe('Download the app');
  });

  it('leaves a removal to be published where it makes drafts', async () => {
    await adoption.publishMapping(MIRROR);
    await adoption.look();
    const app = await adoption.admin.document('banner-5');
    await adoption.admin.editor.land([app?.id ?? '']);
    await adoption.shop.run('DELETE FROM banners WHERE banner_id = 5');
    await adoption.look();
    await adoption.look();
    const { data } = await adoption.admin.client.send(
      '{ releases(environment: "production", state: DRAFT, first: 10) { nodes { title items { op document { key } } } } }',
    );
    expect(data?.releases).toEqual({
      nodes: [
        { title: 'Banners of the old shop: 1 rows are gone', items: [{ op: 'REMOVE', document: { key: 'banner-5' } }] },
      ],
    });
  });

  it('remembers rows that cannot become documents, until they change', async () => {
    await adoption.publishMapping(MIRROR);
    await adoption.shop.run("UPDATE banners SET banner_title = '' WHERE banner_id = 1");
    await adoption.look();
    expect(await adoption.table()).toMatchObject({ rows: 5, unfitRows: 1 });
    expect(await adoption.admin.document('banner-1')).toBeNull();
    await adoption.shop.run("UPDATE banners SET banner_title = 'Welcome offer' WHERE banner_id = 1");
    await adoption.look();
    expect(await adoption.table()).toMatchObject({ unfitRows: 0 });
    expect(await title('banner-1')).toBe('Welcome offer');
  });

  it('pauses where a column is renamed, says which, and loses nothing', async () => {
    await adoption.publishMapping(MIRROR);
    await adoption.look();
    await adoption.shop.run(
      "ALTER TABLE banners CHANGE banner_title headline varchar(64) CHARACTER SET latin1 NOT NULL DEFAULT ''; UPDATE banners SET headline = 'Renamed' WHERE banner_id = 1",
    );
    await adoption.look();
    expect(await adoption.table()).toMatchObject({
      pausedBecause: expect.stringContaining('the table banners has no column "banner_title"'),
      rows: 5,
    });
    expect(await title('banner-1')).toBe('Welcome offer');
    await adoption.shop.run(
      "ALTER TABLE banners CHANGE headline banner_title varchar(64) CHARACTER SET latin1 NOT NULL DEFAULT ''",
    );
    await adoption.look();
    expect([(await adoption.table())['pausedBecause'], await title('banner-1')]).toEqual([null, 'Renamed']);
  });

  it('pauses where a column is dropped, and keeps everything that was made of it', async () => {
    await adoption.publishMapping({ ...MIRROR, mirror: { everySeconds: 1, policy: 'RELEASES' } });
    await adoption.look();
    const live = await adoption.admin.editor.live();
    await adoption.shop.run('ALTER TABLE banners DROP COLUMN banner_title; DELETE FROM banners WHERE banner_id = 5');
    await adoption.look();
    expect(await adoption.table()).toMatchObject({
      pausedBecause: expect.stringContaining('the table banners has no column "banner_title"'),
      rows: 5,
    });
    expect(await adoption.admin.editor.live()).toEqual(live);
    await adoption.shop.run('DROP TABLE banners');
    await adoption.look();
    expect((await adoption.table())['pausedBecause']).toContain('the source has no table "banners"');
    expect(await adoption.admin.editor.live()).toEqual(live);
  });
});

describe('a table that is observed', () => {
  it('is counted, and what changed meanwhile comes over once it is mirrored', async () => {
    await adoption.admin.import(adoption.banners);
    await adoption.publishMapping({});
    await adoption.look();
    await adoption.shop.run("UPDATE banners SET banner_title = 'Derby day' WHERE banner_id = 2");
    await adoption.look();
    await adoption.look();
    expect(await adoption.table()).toMatchObject({ state: 'OBSERVED', days: [{ foreignChanges: 1 }] });
    expect(await title('banner-2')).toBe('Café derby');
    await adoption.publishMapping(MIRROR);
    await adoption.look();
    expect(await title('banner-2')).toBe('Derby day');
  });
});

describe('two mappings of one table', () => {
  it('that claim the same rows do not go live together: the gate names both', async () => {
    await adoption.publishMapping(MIRROR);
    const other = await adoption.admin.saveMapping('banners-too', {
      ...BANNERS,
      documents: { kind: 'PROMO', keyPrefix: 'too-' },
    });
    const created = expectOk(await adoption.admin.editor.createRelease([other]), 'Release') as unknown as {
      plan: { gates: { code: string; message: string }[] };
    };
    expect(created.plan.gates).toEqual([
      expect.objectContaining({
        code: 'DUPLICATE_CLAIM',
        message: 'adoption/*/banners-too and adoption/*/banners both claim rows of banners in old-shop; only one may',
      }),
    ]);
  });

  it('one mirrored and one written back are refused, for any rows', async () => {
    await adoption.publishMapping({ ...MIRROR, where: [{ column: 'banner_area', operator: 'IN', values: ['Top'] }] });
    const other = await adoption.admin.saveMapping('banners-too', {
      ...BANNERS,
      mode: 'WRITE_BACK',
      documents: { kind: 'PROMO', keyPrefix: 'too-' },
      where: [{ column: 'banner_area', operator: 'IN', values: ['Side'] }],
    });
    const created = expectOk(await adoption.admin.editor.createRelease([other]), 'Release') as unknown as {
      plan: { gates: { code: string }[] };
    };
    expect(created.plan.gates.map(({ code }) => code)).toEqual(['DUPLICATE_CLAIM']);
  });
});
