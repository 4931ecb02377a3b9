import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOk } from '../../testing/expect-result.js';
import { WrittenTable } from '../testing/written-table.js';

const SQL = `
  CREATE TABLE articles (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, title VARCHAR(100) NOT NULL, intro TEXT, body TEXT) ENGINE=InnoDB;
  INSERT INTO articles (title, intro, body) VALUES ('Plain', 'Tom &amp; Jerry', '&lt;p class=&quot;x&quot;&gt;Read &amp;amp; &lt;b&gt;win&lt;/b&gt;&lt;/p&gt;'), ('Other', 'It&#039;s', NULL);
`;
const field = (name: string, column: string, type: string) => ({ field: name, column, transform: { type } });
const ARTICLES = {
  table: 'articles',
  key: ['id'],
  documents: { kind: 'PROMO', keyPrefix: 'article-' },
  fields: [
    field('title', 'title', 'TEXT'),
    field('subtitle', 'intro', 'HTML_TEXT'),
    field('text', 'body', 'ESCAPED_HTML'),
  ],
};

describe('a back office that stores text with character references', () => {
  let table: WrittenTable;
  let mapping: string;

  beforeAll(async () => {
    table = await WrittenTable.open(SQL);
    mapping = await table.takeOver('articles', ARTICLES);
  });
  afterAll(() => table.close());

  const row = async (id: number) =>
    (await table.shop.read(`SELECT title, intro, body FROM articles WHERE id = ${id}`))[0];

  it('is named by a dry run where one of its columns is mapped as if it did not', async () => {
    const { warnings } = expectOk(
      await table.admin.client.send(
        'mutation ($input: AdoptTableInput!) { adoptTable(input: $input) { __typename ... on AdoptionRun { warnings } } }',
        {
          input: {
            body: {
              name: 'articles',
              source: 'old-shop',
              environment: 'production',
              mode: 'WRITE_BACK',
              ...ARTICLES,
              fields: [...ARTICLES.fields.slice(0, 2), { ...field('text', 'body', 'HTML'), readOnly: true }],
            },
          },
        },
      ),
      'AdoptionRun',
    );
    expect(warnings).toEqual([
      expect.stringContaining('title is mapped by TEXT, while intro, body show'),
      expect.stringContaining('body holds markup with character references, which HTML shows as text; ESCAPED_HTML'),
    ]);
  });

  it('gets no text without them by the plan, nor by the writer, until the mapping accepts the column', async () => {
    const document = await table.admin.document('article-2');
    const body = { title: 'A <new> title', subtitle: "It's" };
    expectOk(
      await table.admin.editor.saveDraft({
        key: 'article-2',
        lockVersion: document?.draft.lockVersion ?? 0,
        body: { promo: body },
      }),
      'Document',
    );
    const created = expectOk(await table.admin.editor.createRelease([document?.id ?? '']), 'Release') as unknown as {
      id: string;
      plan: { gates: { code: string; message: string }[] };
    };
    expect(created.plan.gates).toEqual([
      expect.objectContaining({
        code: 'SIDE_EFFECT',
        message: expect.stringContaining(
          'the column title would hold "A <new> title" as it is, while intro, body show',
        ),
      }),
    ]);
    await table.admin.saveMapping('articles', {
      name: 'articles',
      source: 'old-shop',
      environment: 'production',
      mode: 'WRITE_BACK',
      ...ARTICLES,
      accepts: ['title'],
    });
    await table.admin.editor.land([mapping]);
    await table.publish('article-2', body);
    await table.worker.deliver();
    expect(await row(2)).toEqual({ title: 'A <new> title', intro: 'It&#039;s', body: null });
  });

  it('has its markup resolved and reduced, and written back as it writes it; a rollback brings back every byte', async () => {
    const document = await table.admin.document('article-1');
    expect(document?.draft.body).toMatchObject({ text: expect.stringContaining('**win**') });
    const before = await row(1);
    const { id } = await table.publish('article-1', {
      title: 'Plain',
      subtitle: 'Tom & <Jerry>',
      text: 'Now *with* emphasis & more',
    });
    await table.worker.deliver();
    expect(await row(1)).toEqual({
      title: 'Plain',
      intro: 'Tom &amp; &lt;Jerry&gt;',
      body: '&lt;p&gt;Now &lt;em&gt;with&lt;/em&gt; emphasis &amp;amp; more&lt;/p&gt;',
    });
    await table.rollback(id);
    await table.worker.deliver();
    expect(await row(1)).toEqual(before);
  });
});
