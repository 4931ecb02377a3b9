import { describe, expect, it } from 'vitest';
import { column, table } from '../mapping/table-fixture.js';
import { houseEscapes, isEscapedMarkup } from './house-escapes.js';

const TABLE = table('news', [column('id', 'int(11)'), column('title', 'varchar(100)'), column('intro', 'text')]);
const rows = (...texts: [string, string][]) =>
  texts.map(([title, intro], at) => [Buffer.from(String(at)), Buffer.from(title), Buffer.from(intro)]);

describe('a back office that escapes', () => {
  it.each<[string, [string, string][], unknown]>([
    ['is known by another column', [['Plain title', 'Tom &amp; Jerry']], { escapes: 'yes', columns: ['intro'] }],
    ['is not known by text without anything to escape', [['Plain', 'Text']], { escapes: 'no' }],
    ['is not one that stores what it was given', [['Tom & Jerry', '1 < 2']], { escapes: 'no' }],
    [
      'is not known by markup, which has references of its own',
      [['Plain', '<p>Tom &amp; Jerry</p>']],
      { escapes: 'no' },
    ],
    [
      'is named where it does not do so always',
      [['Tom & Jerry', 'Tom &amp; Jerry']],
      { escapes: 'mixed', columns: ['intro'] },
    ],
    ['is known by quotes', [['It&#039;s', 'x']], { escapes: 'yes', columns: ['title'] }],
  ])('%s', (_, texts, expected) => {
    expect(houseEscapes({ schema: TABLE, rows: rows(...texts) })).toEqual(expected);
  });

  it.each([
    ['&lt;p&gt;Hi&lt;/p&gt;', true],
    ['&lt;a href=&quot;/x&quot;&gt;Hi&lt;/a&gt;', true],
    ['<p>1 &lt; 2</p>', false],
    ['1 &lt; 2', false],
    ['Tom &amp; Jerry', false],
    ['<p>&lt;b&gt; makes bold</p>', false],
  ])('may have escaped markup: %s', (text, expected) => {
    expect(isEscapedMarkup(text)).toBe(expected);
  });

  it('is judged in time that grows with the text', () => {
    const startedAt = performance.now();
    for (const text of ['&lt;a'.repeat(20_000), '&lt;a &'.repeat(20_000), '&'.repeat(100_000), '<a'.repeat(50_000)])
      isEscapedMarkup(text);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
