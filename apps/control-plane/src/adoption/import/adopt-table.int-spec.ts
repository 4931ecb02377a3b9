import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnection } from 'mysql2/promise';
import { testServers } from '@paddock/testing';
import { expectError, expectOk, expectProblem } from '../../testing/expect-result.js';
import { testWorld, type World } from '../../testing/world.js';
import { Adopter, type Proposal, type Run } from '../testing/adopter.js';
import { ADOPTION_VARIABLES, OldShop } from '../testing/old-shop.js';

let world: World;
let shop: OldShop;
let admin: Adopter;

beforeAll(async () => {
  world = await testWorld(ADOPTION_VARIABLES);
  await world.seed().site('acme-uk').environment('production');
  shop = await OldShop.open();
  admin = new Adopter(await world.signedIn('ADMIN'));
  expectOk(await admin.saveSource(shop.source('old-shop')), 'Source');
});

afterAll(async () => {
  await world.close();
  await shop.close();
});

describe('a source', () => {
  it('never shows its password, not even in the database or the log', async () => {
    const password = 'canary-in-the-coalmine';
    expectOk(await admin.saveSource(shop.source('secretive', { password })), 'Source');
    const { data } = await admin.client.send('{ sources { key user host } }');
    const rows: unknown = await world.db.manager.query('SELECT * FROM adoption_source');
    const audit: unknown = await world.db.manager.query('SELECT * FROM audit_entry');
    expectProblem(await admin.inspect({ source: 'secretive' }), 'REFUSED_CREDENTIALS');
    expect(JSON.stringify([data, rows, audit, world.log])).not.toContain(password);
  });

  it('keeps its password only at its address', async () => {
    expectOk(await admin.saveSource(shop.source('moving', { password: 'x' })), 'Source');
    expectOk(await admin.saveSource(shop.source('moving', { name: 'Renamed', password: null })), 'Source');
    const moved = expectProblem(
      await admin.saveSource(shop.source('moving', { host: 'evil.example', password: null })),
      'VALIDATION',
    );
    expect(moved.fields).toEqual([expect.objectContaining({ path: 'password', code: 'REQUIRED' })]);
  });

  it('is for administrators', async () => {
    const publisher = new Adopter(await world.signedIn('PUBLISHER'));
    expectProblem(await publisher.saveSource(shop.source('mine')), 'FORBIDDEN');
    expectProblem(await publisher.inspect({ source: 'old-shop' }), 'FORBIDDEN');
    expectError(await publisher.client.send('{ sources { key } }'), 'FORBIDDEN');
  });

  it.each<[string, object, string]>([
    ["this system's own database", { database: 'OWN' }, 'OWN_DATABASE'],
    ['a metadata service', { host: '169.254.169.254' }, 'FORBIDDEN_NETWORK'],
    ['a closed port', { port: 1 }, 'UNREACHABLE'],
    ['an unknown database', { database: 'no_such_database' }, 'NO_SUCH_DATABASE'],
  ])('that is %s is refused', async (_, changes, code) => {
    const own: { name: string }[] = await world.db.manager.query('SELECT DATABASE() AS name');
    const patched = JSON.parse(JSON.stringify(changes).replace('OWN', own[0]?.name ?? ''));
    expectOk(await admin.saveSource(shop.source('wrong', patched)), 'Source');
    expectProblem(await admin.inspect({ source: 'wrong' }), code);
  });

  it('whose user may not read says so', async () => {
    const server = await createConnection(testServers().databaseUrl.href);
    await server.query(`CREATE USER IF NOT EXISTS 'adoption_reader'@'%' IDENTIFIED BY 'reader'`);
    await server.query(`GRANT SELECT ON \`${shop.database.name}\`.news TO 'adoption_reader'@'%'`);
    await server.end();
    expectOk(
      await admin.saveSource(shop.source('half-blind', { user: 'adoption_reader', password: 'reader' })),
      'Source',
    );
    const mapping = { ...(await admin.proposed('old-shop', 'banners', 'PROMO')), source: 'half-blind' };
    const refused = expectProblem(await admin.adopt({ body: mapping }), 'VALIDATION');
    expect(refused.fields).toEqual([expect.objectContaining({ path: 'mapping.table', code: 'UNKNOWN_TABLE' })]);
  });
});

describe('inspectSource', () => {
  it('shows tables, keys and samples without secrets, and proposes mappings with reasons', async () => {
    const inspection = expectOk(await admin.inspect({ source: 'old-shop' }), 'SourceInspection') as unknown as {
      tables: { name: string }[];
      proposals: Proposal[];
    };
    expect(inspection.tables.find(({ name }) => name === 'page_boxes')).toMatchObject({
      engine: 'MyISAM',
      transactional: false,
      primaryKey: [],
      uniqueKeys: [{ columns: ['page', 'box_name'] }],
    });
    expect(JSON.stringify(inspection)).not.toContain('never-adopt-me');
    expect(inspection.proposals.map(({ table, mapping }) => [table, mapping.documents.kind])).toEqual(
      expect.arrayContaining(
        [
          ['banners', 'promo'],
          ['banners', 'layout'],
          ['page_boxes', 'layout'],
          ['page_boxes', 'component'],
          ['site_config', 'component'],
          ['news', 'promo'],
        ].map(([table, kind]) => [table, kind?.toUpperCase()]),
      ),
    );
    expect(inspection.proposals.every(({ reasons }) => reasons.length > 0)).toBe(true);
  });
});

describe('the homepage that would result', () => {
  interface Page {
    slots: { name: string; items: { key: string; title: string; content: { text?: unknown } }[] }[];
  }
  const titles = (pages: unknown) =>
    (pages as Page[]).map(({ slots }) =>
      Object.fromEntries(slots.map(({ name, items }) => [name, items.map(({ title }) => title)])),
    );
  // Row 4 is not shown.
  const SIDE = expect.objectContaining({ side: ['Racing all day', 'Download the app'] });

  it('is rendered before anything is imported: of the proposals, of one dry run, and of mappings together', async () => {
    const { homepages } = expectOk(
      await admin.inspect({ source: 'old-shop', timeZone: 'Europe/London' }),
      'SourceInspection',
    );
    // News have a second language.
    expect(titles(homepages)).toEqual([SIDE, expect.anything()]);
    const [banners, slots] = await Promise.all([
      admin.proposed('old-shop', 'banners', 'PROMO'),
      admin.proposed('old-shop', 'banners', 'LAYOUT'),
    ]);
    const run = expectOk(await admin.adopt({ body: banners }), 'AdoptionRun');
    expect(titles(run.homepages)).toEqual([SIDE]);
    const { homepages: together } = expectOk(await admin.preview({ mappings: [banners, slots] }), 'AdoptionPreview');
    expect(together).toMatchObject([{ site: '*', hasLayout: true, unplaced: 0 }]);
    expect(titles(together)).toEqual([SIDE]);
    expect(await admin.document('banners-1')).toBeNull();
  });

  it('says every mistake of every mapping', async () => {
    const banners = await admin.proposed('old-shop', 'banners', 'PROMO');
    const problem = expectProblem(
      await admin.preview({
        mappings: [
          { ...banners, key: [] },
          {
            ...banners,
            fields: [{ field: 'title', column: 'banner_title', path: 'a..b', transform: { type: 'TEXT' } }],
          },
        ],
      }),
      'VALIDATION',
    );
    expect(problem.fields).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: 'mappings[0].key', code: 'TOO_FEW' }),
        expect.objectContaining({ path: 'mappings[1].fields[0].path', code: 'INVALID_PATH' }),
      ]),
    );
  });
});

describe('a dry run', () => {
  it('shows for each row what it would become, and stores no document', async () => {
    const mapping = await admin.proposed('old-shop', 'banners', 'PROMO');
    const run = expectOk(await admin.adopt({ body: mapping }), 'AdoptionRun') as unknown as Run & {
      rows: { nodes: { documentKey: string; body: unknown }[] };
    };
    expect(run).toMatchObject({
      state: 'DONE',
      dryRun: true,
      rowsTotal: 5,
      rowsDone: 5,
      documents: 5,
      changed: 0,
      problemRows: 0,
      problems: [],
    });
    expect(run.removals).toEqual([{ key: ['2'], column: 'banner_html', what: '<script>' }]);
    expect(run.rows.nodes[1]).toMatchObject({
      documentKey: 'banners-2',
      body: {
        title: 'Café derby',
        text: 'Odds boosted until kick-off.',
        image: { url: '/images/banners/derby%20photo.jpg' },
        schedule: { from: '2026-01-10T09:00:00', to: '2036-01-31T15:00:00', timeZone: 'Europe/London' },
      },
    });
    expect(run.rows.nodes[3]).toMatchObject({ documentKey: 'banners-4', body: { audience: { percentage: 0 } } });
    expect(await admin.document('banners-2')).toBeNull();
  });

  it('says for each bad value its key, the column, the value and why', async () => {
    await shop.run(
      "INSERT INTO banners (banner_id, banner_title, banner_url, status) VALUES (90, '', '/x', 1), (91, 'Bad link', 'javascript:alert(1)', 1), (92, 'Bad status', '/x', 7)",
    );
    const mapping = await admin.proposed('old-shop', 'banners', 'PROMO');
    const run = expectOk(await admin.adopt({ body: mapping }), 'AdoptionRun') as unknown as Run;
    // A bad address is left out alone; the others take their rows along.
    expect(run).toMatchObject({ documents: 6, problemRows: 2 });
    expect(run.problems).toEqual([
      { key: ['90'], column: 'banner_title', value: '', code: 'REQUIRED', why: expect.any(String) },
      {
        key: ['91'],
        column: 'banner_url',
        value: 'javascript:alert(1)',
        code: 'INVALID_LINK',
        why: expect.stringContaining('cta.href'),
      },
      { key: ['92'], column: 'status', value: '7', code: 'UNKNOWN_STATUS', why: expect.any(String) },
    ]);
    await shop.run('DELETE FROM banners WHERE banner_id >= 90');
  });

  it.each<[string, object, string, string]>([
    ['an unknown table', { table: 'banner' }, 'mapping.table', 'UNKNOWN_TABLE'],
    ['an unknown column', { key: ['id'] }, 'mapping.key[0]', 'UNKNOWN_COLUMN'],
    ['a key that names two rows', { key: ['banner_area'] }, 'mapping.key', 'KEY_NOT_UNIQUE'],
    [
      'a join that multiplies rows',
      { join: { table: 'news_content', on: [{ column: 'banner_id', joined: 'news_id' }] } },
      'mapping.join',
      'JOIN_MULTIPLIES',
    ],
    [
      'a transform that does not fit',
      { fields: [{ field: 'title', column: 'banner_id', transform: { type: 'HTML_TEXT' } }] },
      'mapping.fields[0].transform',
      'TRANSFORM_DOES_NOT_FIT',
    ],
    ['an unknown source', { source: 'nowhere' }, 'mapping.source', 'UNKNOWN_SOURCE'],
    [
      'an unknown site',
      { documents: { kind: 'PROMO', keyPrefix: 'b-', site: 'nowhere' } },
      'mapping.documents.site',
      'UNKNOWN_SITE',
    ],
  ])('with %s is refused', async (_, changes, path, code) => {
    const mapping = { ...(await admin.proposed('old-shop', 'banners', 'PROMO')), ...changes };
    const problem = expectProblem(await admin.adopt({ body: mapping }), 'VALIDATION');
    expect(problem.fields).toEqual(expect.arrayContaining([expect.objectContaining({ path, code })]));
  });

  it('names two rows where the key is not unique', async () => {
    const mapping = { ...(await admin.proposed('old-shop', 'banners', 'PROMO')), key: ['banner_area'] };
    expect(String(expectProblem(await admin.adopt({ body: mapping }), 'VALIDATION').message)).toMatch(
      /\d rows have banner_area = "(?:Top|Side)"/,
    );
  });
});

describe('an import', () => {
  it('makes drafts, once', async () => {
    const mapping = await admin.saveMapping('banners', await admin.proposed('old-shop', 'banners', 'PROMO'));
    expect(await admin.import(mapping)).toMatchObject({ state: 'DONE', documents: 5, changed: 5, problemRows: 0 });
    expect((await admin.document('banners-1'))?.draft).toMatchObject({
      lockVersion: 1,
      body: {
        title: 'Welcome offer',
        cta: { href: '/offers/welcome?from=home&banner=1', label: 'More' },
        tags: ['top'],
      },
    });
    expect(await admin.import(mapping)).toMatchObject({ state: 'DONE', documents: 5, changed: 0 });
    await shop.run("UPDATE banners SET banner_title = 'Welcome back' WHERE banner_id = 1");
    expect(await admin.import(mapping)).toMatchObject({ changed: 1 });
    expect((await admin.document('banners-1'))?.draft).toMatchObject({
      lockVersion: 2,
      body: { title: 'Welcome back' },
    });
  });

  it('leaves alone what an editor has changed since', async () => {
    const before = await admin.document('banners-3');
    expectOk(
      await admin.editor.saveDraft({
        key: 'banners-3',
        lockVersion: before?.draft.lockVersion ?? 0,
        body: { promo: { title: 'By hand' } },
      }),
      'Document',
    );
    await shop.run("UPDATE banners SET banner_title = 'By the old shop' WHERE banner_id = 3");
    const { data } = await admin.client.send('{ documentByKey(kind: ADOPTION, key: "banners") { id } }');
    const run = await admin.import(String((data?.documentByKey as { id: string }).id));
    expect(run).toMatchObject({ changed: 0, problemRows: 1, problems: [{ key: ['3'], code: 'DRAFT_EDITED' }] });
    expect((await admin.document('banners-3'))?.draft.body).toMatchObject({ title: 'By hand' });
  });

  it('puts rows together where the mapping says so', async () => {
    const layouts = await admin.saveMapping('boxes', await admin.proposed('old-shop', 'page_boxes', 'LAYOUT'));
    expect(await admin.import(layouts)).toMatchObject({ documents: 2, changed: 2 });
    expect((await admin.document('page_boxes-football', 'LAYOUT'))?.draft.body).toEqual({
      page: 'football',
      slots: [
        { name: 'box_location-1', items: [{ component: 'next_matches', promos: null }] },
        { name: 'box_location-2', items: [{ component: 'bet_slip', promos: null }] },
      ],
    });
    const settings = await admin.saveMapping('settings', await admin.proposed('old-shop', 'site_config', 'COMPONENT'));
    expect(await admin.import(settings)).toMatchObject({ documents: 2, changed: 2 });
    const shopSettings = await admin.document('site_config-shop', 'COMPONENT');
    expect(shopSettings?.draft.body).toMatchObject({
      propsSchema: { properties: { SITE_NAME: { default: 'Marlow Sports', type: 'string' } } },
    });
    expect(JSON.stringify(shopSettings)).not.toContain('never-adopt-me');
  });

  it('joins a table with its texts', async () => {
    const news = await admin.saveMapping('news', await admin.proposed('old-shop', 'news', 'PROMO'));
    const run = await admin.import(news);
    expect(run).toMatchObject({
      documents: 2,
      removals: [{ key: ['2'], what: expect.stringContaining('javascript:') }],
    });
    expect((await admin.document('news-1'))?.draft.body).toMatchObject({
      title: 'New stadium opens',
      text: 'Tickets & travel: [read on](/news/stadium).',
    });
  });

  it('needs the grants to write what it makes', async () => {
    const editor = new Adopter(await world.signedIn('EDITOR', { kind: 'adoption' }));
    const { data } = await admin.client.send('{ documentByKey(kind: ADOPTION, key: "news") { id } }');
    expectProblem(
      await editor.adopt({ mapping: String((data?.documentByKey as { id: string }).id) }, false),
      'FORBIDDEN',
    );
  });
});
