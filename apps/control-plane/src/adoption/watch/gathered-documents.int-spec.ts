import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectOk } from '../../testing/expect-result.js';
import { WrittenTable } from '../testing/written-table.js';

const SQL = `
  CREATE TABLE boxes (id INT NOT NULL PRIMARY KEY, page VARCHAR(20) NOT NULL, slot VARCHAR(20) NOT NULL, tag VARCHAR(20) NOT NULL, status TINYINT(1) NOT NULL DEFAULT 1);
  INSERT INTO boxes VALUES (1, 'home', 'top', 'summer', 1), (2, 'home', 'middle', 'sport', 1), (3, 'home', 'bottom', 'casino', 1), (4, 'about', 'main', 'about', 1);
  CREATE TABLE settings (id INT NOT NULL PRIMARY KEY, area VARCHAR(20) NOT NULL, name VARCHAR(40) NOT NULL, value VARCHAR(80) NOT NULL, status TINYINT(1) NOT NULL DEFAULT 1);
  INSERT INTO settings VALUES (1, 'shop', 'phone', '1', 1), (2, 'shop', 'mail', 'a@example.com', 1), (3, 'shop', 'name', 'Old shop', 1);
`;
const field = (name: string, column: string, type = 'TEXT') => ({ field: name, column, transform: { type } });
const SHOWN = { where: [{ column: 'status', operator: 'IN', values: ['1'] }] };
const BOXES = {
  ...{ table: 'boxes', key: ['id'], documents: { kind: 'LAYOUT', keyPrefix: 'page-', gatherBy: ['page'] }, ...SHOWN },
  fields: [field('page', 'page'), field('slot', 'slot'), field('item.promos.tags', 'tag')],
  fixed: [{ field: 'item.promos.limit', value: 5 }],
};
const SETTINGS = {
  ...{
    table: 'settings',
    key: ['id'],
    documents: { kind: 'COMPONENT', keyPrefix: 'settings-', gatherBy: ['area'] },
    ...SHOWN,
  },
  fields: [field('name', 'area'), field('setting.name', 'name'), field('setting.value', 'value')],
};
const POLICIES = ['RELEASES', 'DRAFTS'] as const;

describe.each(POLICIES)('documents of several rows, mirrored as %s', (policy) => {
  let table: WrittenTable;
  const opened: WrittenTable[] = [];

  beforeEach(async () => {
    table = await WrittenTable.open(SQL);
    opened.push(table);
    const mirror = { mirror: { everySeconds: 1, policy } };
    await table.adopt('boxes', { ...BOXES, ...mirror }, 'MIRROR');
    await table.adopt('settings', { ...SETTINGS, ...mirror }, 'MIRROR');
    await table.worker.look();
  });
  afterEach(async () => {
    await opened.pop()?.close();
  });
  afterAll(async () => {
    for (const one of opened) await one.close();
  });

  interface Slot {
    name: string;
    items: { promos: { tags: string[] } }[];
  }
  const slotsOf = async (key = 'page-home') => {
    const { slots } = (await table.admin.document(key, 'LAYOUT'))?.draft.body as { slots: Slot[] };
    return Object.fromEntries(slots.map(({ name, items }) => [name, items.flatMap(({ promos }) => promos.tags)]));
  };
  const settingsOf = async () => {
    const { propsSchema } = (await table.admin.document('settings-shop', 'COMPONENT'))?.draft.body as {
      propsSchema: { properties: Record<string, { default: string }> };
    };
    return Object.fromEntries(
      Object.entries(propsSchema.properties).map(([name, { default: value }]) => [name, value]),
    );
  };
  const ALL = { top: ['summer'], middle: ['sport'], bottom: ['casino'] };

  it.each([1, 2, 3])('follow row %i out and back again, and everything after it', async (id) => {
    const [slot = ''] = Object.keys(ALL).slice(id - 1);
    await table.shop.run(
      `UPDATE boxes SET status = 0 WHERE id = ${id}; UPDATE settings SET status = 0 WHERE id = ${id}`,
    );
    await table.worker.look();
    expect(Object.keys(await slotsOf())).not.toContain(slot);
    expect(Object.keys(await settingsOf())).toHaveLength(2);
    await table.shop.run(
      `UPDATE boxes SET status = 1 WHERE id = ${id}; UPDATE settings SET status = 1 WHERE id = ${id}`,
    );
    await table.worker.look();
    expect([await slotsOf(), Object.keys(await settingsOf()).sort()]).toEqual([ALL, ['mail', 'name', 'phone']]);
    await table.shop.run(
      "UPDATE boxes SET tag = CONCAT(tag, '-renamed'); UPDATE settings SET value = CONCAT(value, '!')",
    );
    await table.worker.look();
    expect(await slotsOf()).toEqual({ top: ['summer-renamed'], middle: ['sport-renamed'], bottom: ['casino-renamed'] });
    expect(await settingsOf()).toMatchObject({ phone: '1!' });
    expect(await table.drift('OPEN')).toEqual([]);
    if (policy === 'RELEASES') expect(await live('page-home')).toContain('summer-renamed');
  });

  it('follow a whole group out and back again', async () => {
    await table.shop.run("UPDATE boxes SET status = 0 WHERE page = 'home' AND id <> 1");
    await table.worker.look();
    await table.shop.run("UPDATE boxes SET status = 0 WHERE page = 'home'");
    await table.worker.look();
    await table.shop.run("UPDATE boxes SET status = 1, tag = 'fresh' WHERE page = 'home'");
    await table.worker.look();
    expect([await slotsOf(), await table.drift('OPEN')]).toEqual([
      { top: ['fresh'], middle: ['fresh'], bottom: ['fresh'] },
      [],
    ]);
  });

  it('follow a row from one document to another, and are removed when no row is left', async () => {
    await table.shop.run("UPDATE boxes SET page = 'home' WHERE id = 4");
    await table.worker.look();
    await table.worker.look();
    expect([await slotsOf(), await table.drift('OPEN')]).toEqual([{ ...ALL, main: ['about'] }, []]);
    if (policy === 'RELEASES') expect(await live('page-about')).toBeUndefined();
    else expect(await removals()).toEqual(['page-about']);
    await table.shop.run("UPDATE boxes SET page = 'about' WHERE id = 4");
    await table.worker.look();
    expect([await slotsOf(), await slotsOf('page-about'), await table.drift('OPEN')]).toEqual([
      ALL,
      { main: ['about'] },
      [],
    ]);
    if (policy === 'RELEASES') expect(await live('page-about')).toContain('about');
  });

  it('are settled as a whole where an editor changed the draft', async () => {
    const edited = { page: 'home', slots: [{ name: 'mine', items: [{ promos: { tags: ['mine'], limit: 1 } }] }] };
    const document = await table.admin.document('page-home', 'LAYOUT');
    expectOk(
      await table.admin.editor.saveDraft({
        key: 'page-home',
        lockVersion: document?.draft.lockVersion ?? 0,
        body: { layout: edited },
      }),
      'Document',
    );
    await table.shop.run("UPDATE boxes SET tag = 'other' WHERE id = 2");
    await table.worker.look();
    await table.worker.look();
    const [event, ...more] = await table.drift('OPEN');
    expect([event?.kind, more]).toEqual(['DRAFT_EDITED', []]);
    expectOk(await table.resolve(event?.id ?? '', 'THEIRS'), 'DriftEvent');
    expect(await slotsOf()).toEqual({ ...ALL, middle: ['other'] });
    await table.worker.look();
    expect(await table.drift('OPEN')).toEqual([]);
    await table.shop.run("UPDATE boxes SET tag = 'another' WHERE id = 3");
    await table.worker.look();
    expect([await slotsOf(), await table.drift('OPEN')]).toEqual([
      { ...ALL, middle: ['other'], bottom: ['another'] },
      [],
    ]);
    if (policy === 'RELEASES') expect(await live('page-home')).toContain('another');
  });

  /** The body that is live, as JSON. */
  async function live(key: string): Promise<string | undefined> {
    const [row]: { body: string }[] = await table.world.db.manager.query(
      `SELECT r.body FROM release_item i JOIN document d ON d.id = i.document_id JOIN revision r ON r.document_id = d.id AND r.number = i.revision
       WHERE d.doc_key = ? AND i.seq = (SELECT MAX(seq) FROM release_item WHERE document_id = d.id AND seq IS NOT NULL)`,
      [key],
    );
    return row?.body;
  }

  async function removals(): Promise<string[]> {
    const { data } = await table.admin.client.send(
      '{ releases(environment: "production", state: DRAFT, first: 10) { nodes { items { op document { key } } } } }',
    );
    const { nodes } = data?.releases as { nodes: { items: { op: string; document: { key: string } }[] }[] };
    return nodes.flatMap(({ items }) => items.map(({ document }) => document.key));
  }
});
