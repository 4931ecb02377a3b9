import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { type AdoptionWorld, adoptionWorld } from '../testing/adoption-world.js';
import { type Proposal, type Run, withoutNulls } from '../testing/adopter.js';

const SQL = new URL('../testing/other-shops.sql', import.meta.url);

type DryRun = Run & {
  rows: {
    nodes: {
      documentKey: string;
      body: Record<string, unknown> | null;
      problems: { column: string; code: string }[];
    }[];
  };
};

let adoption: AdoptionWorld;
let proposals: Proposal[];

beforeAll(async () => {
  adoption = await adoptionWorld();
  await adoption.shop.run(await readFile(SQL, 'utf8'));
  ({ proposals } = expectOk(
    await adoption.admin.inspect({ source: 'old-shop', timeZone: 'Europe/London' }),
    'SourceInspection',
  ) as unknown as { proposals: Proposal[] });
});

afterAll(async () => {
  await adoption.close();
});

const dryRun = async (body: object): Promise<DryRun> =>
  expectOk(await adoption.admin.adopt({ body }), 'AdoptionRun') as unknown as DryRun;

const proposed = (table: string, kind = 'PROMO'): Record<string, unknown> => {
  const found = proposals.find((proposal) => proposal.table === table && proposal.mapping.documents.kind === kind);
  if (!found)
    throw new Error(`nothing is proposed for ${table}: ${proposals.map((proposal) => proposal.table).join(', ')}`);
  return withoutNulls(found.mapping);
};

const bodies = ({ rows }: DryRun) => Object.fromEntries(rows.nodes.map(({ documentKey, body }) => [documentKey, body]));

describe('other back offices', () => {
  it('get proposals that run unchanged', async () => {
    for (const { mapping } of proposals)
      expect({ [mapping['name'] as string]: await dryRun(withoutNulls(mapping)) }).toMatchObject({
        [mapping['name'] as string]: { state: 'DONE', problemRows: 0 },
      });
  });

  it('OpenCart: images of banners', async () => {
    expect(bodies(await dryRun(proposed('oc_banner_image')))).toMatchObject({
      'oc_banner_image-99': {
        title: 'iPhone 6',
        cta: { href: '/index.php?route=product/product&path=57&product_id=49' },
        image: { url: '/images/catalog/demo/banners/iPhone6.jpg' },
        priority: 999,
      },
      'oc_banner_image-100': { title: 'MacBookAir', image: { url: '/images/catalog/demo/banners/MacBook%20Air.jpg' } },
    });
  });

  it('PrestaShop: slides, whose texts, links and pictures stand in a second table', async () => {
    expect(bodies(await dryRun(proposed('ps_homeslider_slides')))).toMatchObject({
      'ps_homeslider_slides-1': {
        title: 'Sample 1',
        cta: { href: 'https://www.example.com/?utm=a' },
        image: { url: '/images/sample-1.jpg' },
      },
      'ps_homeslider_slides-2': { title: 'Sample 2', audience: { percentage: 0 } },
    });
  });

  it('Magento: blocks of markup', async () => {
    const run = await dryRun(proposed('cms_block'));
    expect(bodies(run)).toMatchObject({
      'cms_block-1': { title: 'Footer Links Block', text: '- [About us](/about-us/)' },
      'cms_block-2': { text: 'Up to 50% off', audience: { percentage: 0 } },
    });
    expect(run.removals.map(({ what }) => what)).toEqual(expect.arrayContaining(['<script> with its content']));
  });

  it('WordPress: posts by their status, the largest key that there is, options without secrets', async () => {
    const run = await dryRun(proposed('wp_posts'));
    expect(bodies(run)).toMatchObject({
      'wp_posts-1': { title: 'Hello world!', text: 'Welcome & enjoy 🎉' },
      'wp_posts-2': { audience: { percentage: 0 } },
    });
    const all = await dryRun({
      ...proposed('wp_posts'),
      where: undefined,
      fields: [{ field: 'title', column: 'post_title', transform: { type: 'TEXT' } }],
    });
    expect(Object.keys(bodies(all))).toContain('wp_posts-18446744073709551615');
    expect(JSON.stringify(bodies(await dryRun(proposed('wp_options', 'COMPONENT'))))).toMatch(
      /^(?!.*never-adopt-me).*"blogname"/,
    );
  });
});

describe('what frameworks and other languages make of a back office', () => {
  it('texts-joined-to-the-row-of-another: an id of their own does not name what texts belong to', async () => {
    const mapping = proposed('app_banners');
    expect(mapping).toMatchObject({
      join: {
        table: 'app_banner_translations',
        on: [{ column: 'id', joined: 'banner_id' }],
        where: [{ column: 'locale', operator: 'IN', values: ['en'] }],
      },
    });
    expect(bodies(await dryRun(mapping))).toEqual({
      'app_banners-1': expect.objectContaining({
        title: 'First',
        cta: { href: '/first', label: 'More' },
        schedule: { to: '2030-01-01T00:00:00', timeZone: 'Europe/London' },
      }),
      'app_banners-2': expect.objectContaining({ title: 'Second', audience: { percentage: 0 } }),
    });
  });

  it('deleted-or-unpublished-rows-come-through: rows that the back office does not show are hidden or left out, with the reason', async () => {
    const { reasons } = proposals.find(({ table }) => table === 'blog_ads') ?? { reasons: [] };
    expect(reasons).toContain('deleted is 1 in rows that are deleted: they are left out');
    expect(bodies(await dryRun(proposed('blog_ads')))).toEqual({
      'blog_ads-1': expect.objectContaining({
        title: 'Fresh',
        image: { url: '/images/promotion/1.png', alt: '' },
        cta: { href: '/products', label: 'More' },
        schedule: { from: '2018-04-06T23:00:00', timeZone: 'Europe/London' },
      }),
      'blog_ads-2': expect.objectContaining({
        audience: { percentage: 0 },
        schedule: { from: '2018-04-06T23:00:00', to: '2018-05-19T23:00:00', timeZone: 'Europe/London' },
      }),
    });
    // Nor do they make slots that stay empty.
    expect(bodies(await dryRun(proposed('blog_ads', 'LAYOUT')))).toMatchObject({
      'blog_ads-home': { slots: [{ name: 'top' }] },
    });
  });

  it('an enumeration says what is hidden before any row is', () => {
    expect(proposed('promotions')['fields']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: 'shown', transform: { type: 'STATUS', shown: 'Active', hidden: 'Inactive' } }),
      ]),
    );
  });

  it('columns are recognised by their names in Spanish and German, and days that end a schedule are pointed out', async () => {
    expect(bodies(await dryRun(proposed('anuncios')))).toMatchObject({
      'anuncios-1': {
        title: 'Rebajas de otoño',
        image: { url: '/images/otono.jpg' },
        cta: { href: '/rebajas' },
        priority: 999,
        schedule: { from: '2025-10-01T00:00:00', to: '2025-11-01T00:00:00' },
      },
      'anuncios-2': { audience: { percentage: 0 } },
    });
    expect(bodies(await dryRun(proposed('werbung')))).toMatchObject({
      'werbung-1': { title: 'Herbst', image: { url: '/images/h.jpg' }, schedule: { to: '2025-11-01T00:00:00' } },
      'werbung-2': { audience: { percentage: 0 } },
    });
    expect(proposals.find(({ table }) => table === 'werbung')?.warnings).toEqual(
      expect.arrayContaining([expect.stringContaining('gueltig_bis holds days')]),
    );
  });

  it('setting-of-another-shop-wins: names that stand for several shops are gathered apart, or named with both rows', async () => {
    const mapping = proposed('shop_setting', 'COMPONENT');
    expect(mapping).toMatchObject({ documents: { gatherBy: ['store_id', 'code'] } });
    const run = await dryRun(mapping);
    expect(run).toMatchObject({ documents: 2, problemRows: 0 });
    expect(bodies(run)['shop_setting-1-config']).toMatchObject({
      propsSchema: { properties: { config_1: { default: 'of the second' } } },
    });
    const together = await dryRun({ ...mapping, documents: { kind: 'COMPONENT', keyPrefix: 'all', gatherBy: [] } });
    expect(together.problems).toEqual([
      expect.objectContaining({
        column: 'key',
        value: 'config_1',
        code: 'SAME_SETTING',
        why: expect.stringContaining('the row 1 '),
      }),
    ]);
  });

  it('secret-among-many-settings: they are filtered out however many names there are', async () => {
    expect(JSON.stringify(bodies(await dryRun(proposed('shop_setting', 'COMPONENT'))))).toMatch(
      /^(?!.*never-adopt-me).*"config_80"/,
    );
  });

  it('pages-of-a-layout-run-together: pages that have numbers stay apart', async () => {
    expect(bodies(await dryRun(proposed('shop_layout_module', 'LAYOUT')))).toMatchObject({
      'shop_layout_module-1': {
        page: 'page-1',
        slots: [{ name: 'content_top', items: [{ component: 'slideshow' }, { component: 'featured' }] }],
      },
      'shop_layout_module-6': { page: 'page-6', slots: [{ name: 'column_right', items: [{ component: 'account' }] }] },
    });
  });
});

describe('what looks like something else', () => {
  it('settings-scattered-by-type: the types of their values do not group settings', () => {
    expect(proposed('site_options', 'COMPONENT')).toMatchObject({ documents: { gatherBy: [] } });
  });

  it('setting-of-another-scope-wins: all that makes names unique tells them apart', async () => {
    const mapping = proposed('scoped_settings', 'COMPONENT');
    expect(mapping).toMatchObject({ documents: { gatherBy: ['scope', 'scope_id'] } });
    expect(await dryRun(mapping)).toMatchObject({ documents: 3, problemRows: 0 });
  });

  it('confidence-from-a-word: an unknown state adds no confidence, hides nothing, and is pointed out', () => {
    const { confidence, warnings } = proposals.find(({ table }) => table === 'offices') ?? {
      confidence: 0,
      warnings: [],
    };
    // A title, a picture and a target, of all that a promo may have.
    expect(confidence).toBe(Math.round((6 / 13) * 100));
    expect(proposed('offices')['fields']).not.toEqual(
      expect.arrayContaining([expect.objectContaining({ field: 'shown' })]),
    );
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringContaining('the meaning of A, TX is unknown'),
        expect.stringContaining('deleted_at may say which rows are deleted'),
      ]),
    );
  });

  it('numbers-taken-for-pages: a counter tells no pages apart, and what is shown is read as the table says it', () => {
    const mapping = proposed('sidebar_widgets', 'LAYOUT');
    expect(mapping).toMatchObject({ documents: { gatherBy: [] }, fixed: [{ field: 'page', value: 'home' }] });
    expect(mapping['fields']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: 'item.shown', transform: { type: 'STATUS', shown: 'Y', hidden: 'N' } }),
      ]),
    );
  });
});

describe('a back office grown at home', () => {
  const BANNERS = {
    ...{
      name: 'Home page',
      source: 'old-shop',
      environment: 'production',
      mode: 'OBSERVE',
      table: 'home page.banners',
      key: ['order'],
    },
    documents: { kind: 'PROMO', keyPrefix: 'home-' },
    fields: [
      { field: 'title', column: 'select', transform: { type: 'TEXT' } },
      { field: 'shown', column: 'is it on?', transform: { type: 'STATUS' } },
      { field: 'schedule.from', column: 'from', transform: { type: 'LOCAL_TIME', timeZone: 'Europe/Berlin' } },
      { field: 'schedule.to', column: 'until', transform: { type: 'LOCAL_TIME', timeZone: 'Europe/Berlin' } },
      { field: 'cta.href', column: 'link`to', transform: { type: 'URL' }, readOnly: true },
      { field: 'terms', column: 'note', transform: { type: 'TEXT' }, encoding: 'UTF8_IN_LATIN1' },
      {
        field: 'tags',
        column: 'sport',
        transform: {
          type: 'VALUES',
          values: [
            { column: 'football', field: 'football' },
            { column: '"racing"', field: 'racing' },
            { column: "it's", field: 'its' },
          ],
        },
      },
      { field: 'subtitle', column: 'upper', transform: { type: 'TEXT' }, readOnly: true },
      { field: 'badge', column: 'kick-off', transform: { type: 'TEXT' } },
    ],
    fixed: [{ field: 'cta.label', value: 'More' }],
  };

  it('is read with any column names and values', async () => {
    const run = await dryRun(BANNERS);
    expect(run).toMatchObject({ documents: 2, problemRows: 0 });
    expect(bodies(run)).toEqual({
      'home-0193f0aa-0000-7000-8000-000000000001': {
        ...{
          title: 'Derby',
          subtitle: 'DERBY',
          badge: '15:00:00',
          terms: 'Заметка',
          tags: ['football'],
          cta: { href: '/derby', label: 'More' },
        },
        schedule: { from: '2026-03-01T00:00:00', to: '2026-07-01T13:00:00', timeZone: 'Europe/Berlin' },
      },
      'home-0193f0aa-0000-7000-8000-000000000002': {
        title: 'Grand National',
        subtitle: 'GRAND NATIONAL',
        tags: ['racing'],
        audience: { percentage: 0 },
      },
    });
    expect(await dryRun({ ...BANNERS, where: [{ column: 'is it on?', operator: 'IN', values: ['1'] }] })).toMatchObject(
      { documents: 1 },
    );
  });

  it('is written back, triggers and all, and put back by a rollback', async () => {
    const mapping = await adoption.admin.saveMapping('home', BANNERS);
    await adoption.admin.import(mapping);
    const key = 'home-0193f0aa-0000-7000-8000-000000000001';
    const derby = await adoption.admin.document(key);
    await adoption.admin.editor.land([derby?.id ?? '']);
    await adoption.admin.saveMapping('home', { ...BANNERS, mode: 'WRITE_BACK', accepts: ['on banner'] });
    await adoption.admin.editor.land([mapping]);
    await adoption.writeBack();
    const rows = () =>
      adoption.shop.read(
        'SELECT `order`, `select`, HEX(`is it on?`) AS isOn, `from`, until, note, sport, `kick-off`, price, days, extra FROM `home page.banners` ORDER BY `order`',
      );
    const before = await rows();
    const body = {
      ...withoutNulls(derby?.draft.body ?? {}),
      title: "D'Erby — `1`",
      badge: '16:30:00',
      terms: 'Новое',
      tags: ['its'],
      audience: { percentage: 0 },
      schedule: { from: '2026-03-02T00:00', to: '2026-12-01T12:00', timeZone: 'Europe/Berlin' },
    };
    expectOk(
      await adoption.admin.editor.saveDraft({ key, lockVersion: derby?.draft.lockVersion ?? 0, body: { promo: body } }),
      'Document',
    );
    const release = await adoption.admin.editor.land([derby?.id ?? '']);
    expect(await adoption.writeBack()).toEqual([{ seq: 3, state: 'APPLIED' }]);
    expect((await rows())[0]).toMatchObject({
      select: "D'Erby — `1`",
      isOn: '0',
      from: '2026-03-02',
      until: '2026-12-01 11:00:00',
      sport: "it's",
      'kick-off': '16:30:00',
      price: '12.50',
      days: 'sat,sun',
    });
    expect(await adoption.shop.read('SELECT what FROM `trigger log`')).toEqual([{ what: "D'Erby — `1`" }]);
    expectOk(await adoption.admin.editor.rollback(release.id), 'Release');
    await adoption.writeBack();
    expect(await rows()).toEqual(before);
    await adoption.look();
    expect(await adoption.drift()).toEqual([]);
  });

  it('with keys in another script gets documents for them; keys that differ by case alone are named', async () => {
    const run = await dryRun({
      ...BANNERS,
      table: 'рекламные баннеры',
      key: ['код'],
      documents: { kind: 'PROMO', keyPrefix: 'promo-' },
      fields: [{ field: 'title', column: 'заголовок', transform: { type: 'TEXT' } }],
      fixed: [],
    });
    expect(run).toMatchObject({
      rowsTotal: 3,
      documents: 2,
      problemRows: 1,
      problems: [{ code: 'SAME_DOCUMENT', why: expect.stringContaining('promo-ab') }],
    });
    expect(Object.values(bodies(run))).toEqual(expect.arrayContaining([{ title: 'Кэшбэк 10%' }]));
    expect(Object.keys(bodies(run))).toEqual(expect.arrayContaining([expect.stringMatching(/^promo-[0-9a-f]{12}$/)]));
  });

  it('without any key is proposed with what is different in the sample; what is not different is named, both rows', async () => {
    expect(proposed('keyless_offers')).toMatchObject({ key: ['url'] });
    const refused = expectProblem(
      await adoption.admin.adopt({ body: { ...proposed('keyless_offers'), key: ['title'] } }),
      'VALIDATION',
    );
    expect(refused.fields).toEqual([
      expect.objectContaining({
        path: 'mapping.key',
        code: 'KEY_NOT_UNIQUE',
        message: expect.stringMatching(/2 rows have title = "One".*url = "\/one".* and .*url = "\/one-again"/),
      }),
    ]);
    const written = { ...proposed('keyless_offers'), mode: 'WRITE_BACK' };
    expect(expectProblem(await adoption.admin.adopt({ body: written }), 'VALIDATION').fields).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: 'mapping.key', code: 'NOT_INVERTIBLE' })]),
    );
  });

  it('is read through its views, and not written through them', async () => {
    const view = { ...proposed('live_offers'), key: ['id'] };
    expect(await dryRun(view)).toMatchObject({ documents: 2, problemRows: 0 });
    expect(
      expectProblem(await adoption.admin.adopt({ body: { ...view, mode: 'WRITE_BACK' } }), 'VALIDATION').fields,
    ).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'NOT_WRITABLE' })]));
  });
});
