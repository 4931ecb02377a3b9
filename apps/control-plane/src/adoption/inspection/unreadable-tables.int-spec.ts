import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOk } from '../../testing/expect-result.js';
import { testWorld, type World } from '../../testing/world.js';
import { Adopter } from '../testing/adopter.js';
import { ADOPTION_VARIABLES, OldShop } from '../testing/old-shop.js';

describe('tables that cannot be read', () => {
  let world: World;
  let shop: OldShop;
  let admin: Adopter;

  beforeAll(async () => {
    world = await testWorld(ADOPTION_VARIABLES);
    await world.seed().environment('production');
    shop = await OldShop.open();
    admin = new Adopter(await world.signedIn('ADMIN'));
    expectOk(await admin.saveSource(shop.source('old-shop')), 'Source');
  });
  afterAll(async () => {
    await world.close();
    await shop.close();
  });

  it('are named, and hide no others', async () => {
    await shop.run(`
      CREATE TABLE crashed (id INT PRIMARY KEY, title VARCHAR(100), slot VARCHAR(20), status TINYINT(1)) ENGINE=MyISAM;
      INSERT INTO crashed SELECT banner_id, banner_title, banner_area, status FROM banners;
      CREATE TABLE gone (id INT PRIMARY KEY, title VARCHAR(100)); CREATE VIEW broken AS SELECT id, title FROM gone; DROP TABLE gone;`);
    const [directory] = await shop.read('SELECT @@datadir AS path');
    await shop.run('FLUSH TABLES crashed');
    await truncate(join(String(directory?.['path']), shop.database.name, 'crashed.MYD'), 7);
    const inspected = expectOk(await admin.inspect({ source: 'old-shop' }), 'SourceInspection') as unknown as {
      notes: string[];
      tables: { name: string }[];
      proposals: { table: string }[];
    };
    expect(inspected.notes).toContainEqual(expect.stringMatching(/^crashed could not be read/));
    expect(inspected.notes).toContainEqual(expect.stringMatching(/^broken could not be read/));
    expect(inspected.tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['banners', 'news']));
    expect(inspected.proposals.map(({ table }) => table)).toContain('banners');
  });

  it('are named one by one where they are asked for', async () => {
    const { notes } = expectOk(
      await admin.inspect({ source: 'old-shop', tables: ['broken', 'banners'] }),
      'SourceInspection',
    ) as unknown as { notes: string[] };
    expect(notes).toEqual([expect.stringMatching(/^broken could not be read/)]);
  });
});
