import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectOk, expectProblem } from '../../testing/expect-result.js';
import { type AdoptionWorld, adoptionWorld } from '../testing/adoption-world.js';
import { type Proposal, type Run, withoutNulls } from '../testing/adopter.js';

const SQL = new URL('../testing/other-shops.sql', import.meta.url);

type DryRun = Run & { rows: { nodes: { documentKey: string; body: Record<string, unknown> | null; problems: { column: string; code: string }[] }[] } };

let adoption: AdoptionWorld;
let proposals: Proposal[];

beforeAll(async () => {
  adoption = await adoptionWorld();
  await adoption.shop.run(await readFile(SQL, 'utf8'));
  ({ proposals } = expectOk(await adoption.admin.inspect({ source: 'old-shop', timeZone: 'Europe/London' }), 'SourceInspection') as unknown as { proposals: Proposal[] });
});

afterAll(async () => {
  await adoption.close();
});

const dryRun = async (body: object): Promise<DryRun> => expectOk(await adoption.admin.adopt({ body }), 'AdoptionRun') as unknown as DryRun;

const proposed = (table: string, kind = 'PROMO'): Record<string, unknown> => {
  const found = proposals.find((proposal) => proposal.table === table && proposal.mapping.documents.kind === kind);
  if (!found) throw new Error(`nothing is proposed for ${table}: ${proposals.map((proposal) => proposal.table).join(', ')}`);
  return withoutNulls(found.mapping);
};

const bodies = ({ rows }: DryRun) => Object.fromEntries(rows.nodes.map(({ documentKey, body }) => [documentKey, body]));

describe('other back offices', () => {
  it('get proposals that run as they are, whatever their tables hold', async () => {
    for (const { mapping } of proposals) expect({ [mapping['name'] as string]: await dryRun(withoutNulls(mapping)) }).toMatchObject({ [mapping['name'] as string]: { state: 'DONE', problemRows: 0 } });
  });

  it('OpenCart: images of banners', async () => {
    expect(bodies(await dryRun(proposed('oc_banner_image')))).toMatchObject({
      'oc_banner_image-99': { title: 'iPhone 6', cta: { href: '/index.php?route=product/product&path=57&product_id=49' }, image: { url: '/images/catalog/demo/banners/iPhone6.jpg' }, priority: 999 },
      'oc_banner_image-100': { title: 'MacBookAir', image: { url: '/images/catalog/demo/banners/MacBook%20Air.jpg' } },
    });
  });

  it('PrestaShop: slides, whose texts, links and pictures stand in a second table', async () => {
    expect(bodies(await dryRun(proposed('ps_homeslider_slides')))).toMatchObject({
      'ps_homeslider_slides-1': { title: 'Sample 1', cta: { href: 'https://www.example.com/?utm=a' }, image: { url: '/images/sample-1.jpg' } },
      'ps_homeslider_slides-2': { title: 'Sample 2', audience: { percentage: 0 } },
    });
  });

  it('Magento: blocks of markup', async () => {
    const run = await dryRun(proposed('cms_block'));
    expect(bodies(run)).toMatchObject({ 'cms_block-1': { title: 'Footer Links Block', text: '- [About us](/about-us/)' }, 'cms_block-2': { text: 'Up to 50% off', audience: { percentage: 0 } } });
    expect(run.removals.map(({ what }) => what)).toEqual(expect.arrayContaining(['<script> with its content']));
  });

  it('WordPress: posts by their status, the largest key that there is, options without secrets', async () => {
    const run = await dryRun(proposed('wp_posts'));
    expect(bodies(run)).toMatchObject({ 'wp_posts-1': { title: 'Hello world!', text: 'Welcome & enjoy 🎉' }, 'wp_posts-2': { audience: { percentage: 0 } } });
    const all = await dryRun({ ...proposed('wp_posts'), where: undefined, fields: [{ field: 'title', column: 'post_title', transform: { type: 'TEXT' } }] });
    expect(Object.keys(bodies(all))).toContain('wp_posts-18446744073709551615');
    expect(JSON.stringify(bodies(await dryRun(proposed('wp_options', 'COMPONENT'))))).toMatch(/^(?!.*never-adopt-me).*"blogname"/);
  });
});

describe('a back office grown at home', () => {
  const BANNERS = {
    ...{ name: 'Home page', source: 'old-shop', environment: 'production', mode: 'OBSERVE', table: 'home page.banners', key: ['order'] },
    documents: { kind: 'PROMO', keyPrefix: 'home-' },
    fields: [
      { field: 'title', column: 'select', transform: { type: 'TEXT' } },
      { field: 'shown', column: 'is it on?', transform: { type: 'STATUS' } },
      { field: 'schedule.from', column: 'from', transform: { type: 'LOCAL_TIME', timeZone: 'Europe/Berlin' } },
      { field: 'schedule.to', column: 'until', transform: { type: 'LOCAL_TIME', timeZone: 'Europe/Berlin' } },
      { field: 'cta.href', column: 'link`to', transform: { type: 'URL' }, readOnly: true },
      { field: 'terms', column: 'note', transform: { type: 'TEXT' }, encoding: 'UTF8_IN_LATIN1' },
      { field: 'tags', column: 'sport', transform: { type: 'VALUES', values: [{ column: 'football', field: 'football' }, { column: '"racing"', field: 'racing' }, { column: "it's", field: 'its' }] } },
      { field: 'subtitle', column: 'upper', transform: { type: 'TEXT' }, readOnly: true },
      { field: 'badge', column: 'kick-off', transform: { type: 'TEXT' } },
    ],
    fixed: [{ field: 'cta.label', value: 'More' }],
  };

  it('is read whatever its columns are called and hold', async () => {
    const run = await dryRun(BANNERS);
    expect(run).toMatchObject({ documents: 2, problemRows: 0 });
    expect(bodies(run)).toEqual({
      'home-0193f0aa-0000-7000-8000-000000000001': {
        ...{ title: 'Derby', subtitle: 'DERBY', badge: '15:00:00', terms: 'Заметка', tags: ['football'], cta: { href: '/derby', label: 'More' } },
        schedule: { from: '2026-03-01T00:00:00', to: '2026-07-01T13:00:00', timeZone: 'Europe/Berlin' },
      },
      'home-0193f0aa-0000-7000-8000-000000000002': { title: 'Grand National', subtitle: 'GRAND NATIONAL', tags: ['racing'], audience: { percentage: 0 } },
    });
    expect(await dryRun({ ...BANNERS, where: [{ column: 'is it on?', operator: 'IN', values: ['1'] }] })).toMatchObject({ documents: 1 });
  });

  it('is written back, triggers and all, and put back by a rollback', async () => {
    const mapping = await adoption.admin.saveMapping('home', BANNERS);
    await adoption.admin.import(mapping);
    const key = 'home-0193f0aa-0000-7000-8000-000000000001';
    const derby = await adoption.admin.document(key);
    await adoption.admin.editor.land([derby?.id ?? '']);
    await adoption.admin.saveMapping('home', { ...BANNERS, mode: 'WRITE_BACK' });
    await adoption.admin.editor.land([mapping]);
    await adoption.writeBack();
    const rows = () => adoption.shop.read('SELECT `order`, `select`, HEX(`is it on?`) AS isOn, `from`, until, note, sport, `kick-off`, price, days, extra FROM `home page.banners` ORDER BY `order`');
    const before = await rows();
    const body = { ...withoutNulls(derby?.draft.body ?? {}), title: "D'Erby — `1`", badge: '16:30:00', terms: 'Новое', tags: ['its'], audience: { percentage: 0 }, schedule: { from: '2026-03-02T00:00', to: '2026-12-01T12:00', timeZone: 'Europe/Berlin' } };
    expectOk(await adoption.admin.editor.saveDraft({ key, lockVersion: derby?.draft.lockVersion ?? 0, body: { promo: body } }), 'Document');
    const release = await adoption.admin.editor.land([derby?.id ?? '']);
    expect(await adoption.writeBack()).toEqual([{ seq: 3, state: 'APPLIED' }]);
    expect((await rows())[0]).toMatchObject({ select: "D'Erby — `1`", isOn: '0', from: '2026-03-02', until: '2026-12-01 11:00:00', sport: "it's", 'kick-off': '16:30:00', price: '12.50', days: 'sat,sun' });
    expect(await adoption.shop.read('SELECT what FROM `trigger log`')).toEqual([{ what: "D'Erby — `1`" }]);
    expectOk(await adoption.admin.editor.rollback(release.id), 'Release');
    await adoption.writeBack();
    expect(await rows()).toEqual(before);
    await adoption.look();
    expect(await adoption.drift()).toEqual([]);
  });

  it('with keys in another script gets documents for them; keys that differ by case alone are named', async () => {
    const run = await dryRun({ ...BANNERS, table: 'рекламные баннеры', key: ['код'], documents: { kind: 'PROMO', keyPrefix: 'promo-' }, fields: [{ field: 'title', column: 'заголовок', transform: { type: 'TEXT' } }], fixed: [] });
    expect(run).toMatchObject({ rowsTotal: 3, documents: 2, problemRows: 1, problems: [{ code: 'SAME_DOCUMENT', why: expect.stringContaining('promo-ab') }] });
    expect(Object.values(bodies(run))).toEqual(expect.arrayContaining([{ title: 'Кэшбэк 10%' }]));
    expect(Object.keys(bodies(run))).toEqual(expect.arrayContaining([expect.stringMatching(/^promo-[0-9a-f]{12}$/)]));
  });

  it('without any key is proposed with what is different in the sample; what is not different is named, both rows', async () => {
    expect(proposed('keyless_offers')).toMatchObject({ key: ['url'] });
    const refused = expectProblem(await adoption.admin.adopt({ body: { ...proposed('keyless_offers'), key: ['title'] } }), 'VALIDATION');
    expect(refused.fields).toEqual([expect.objectContaining({ path: 'mapping.key', code: 'KEY_NOT_UNIQUE', message: expect.stringMatching(/2 rows have title = "One".*url = "\/one".* and .*url = "\/one-again"/) })]);
    const written = { ...proposed('keyless_offers'), mode: 'WRITE_BACK' };
    expect(expectProblem(await adoption.admin.adopt({ body: written }), 'VALIDATION').fields).toEqual(expect.arrayContaining([expect.objectContaining({ path: 'mapping.key', code: 'NOT_INVERTIBLE' })]));
  });

  it('is read through its views, and not written through them', async () => {
    const view = { ...proposed('live_offers'), key: ['id'] };
    expect(await dryRun(view)).toMatchObject({ documents: 2, problemRows: 0 });
    expect(expectProblem(await adoption.admin.adopt({ body: { ...view, mode: 'WRITE_BACK' } }), 'VALIDATION').fields).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'NOT_WRITABLE' })]));
  });
});
