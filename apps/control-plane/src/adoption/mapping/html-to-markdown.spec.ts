import { describe, expect, it } from 'vitest';
import { parseRichText } from '@paddock/rich-text';
import { fc } from '@paddock/testing';
import { htmlToMarkdown, type ReducedHtml } from './html-to-markdown.js';

function reducedHtml(html: string): ReducedHtml {
  const reduced = htmlToMarkdown(html);
  if ('why' in reduced) throw new Error(reduced.why);
  return reduced;
}

describe('HTML as Markdown', () => {
  it.each([
    ['<p>Hello <b>bold</b> and <i>fine</i></p>', 'Hello **bold** and *fine*'],
    ['one<br>two', 'one\\\ntwo'],
    ['<h1>Top</h1><h6>Small</h6>', '## Top\n\n#### Small'],
    ['<ul><li>a</li><li>b</li></ul>', '- a\n- b'],
    ['<ol start="3"><li>a</li></ol>', '3. a'],
    ['<a href="/offers?a=1&amp;b=2">Offers</a>', '[Offers](/offers?a=1\\&b=2)'],
    ['<a href="https://shop.example/" title="Go">Shop</a>', '[Shop](https://shop.example/ "Go")'],
    ['<img src="images/a.png" alt="A">', '![A](images/a.png)'],
    ['5 * 3 < 20 & _more_', '5 \\* 3 < 20 & \\_more\\_'],
    ['Caf&eacute; &euro;5', 'Café €5'],
    ['', ''],
  ])('%s', (html, markdown) => {
    expect(htmlToMarkdown(html)).toEqual({ markdown, removed: [] });
  });

  it.each([
    ['<script>alert(1)</script>Hi', 'Hi', ['<script> with its content']],
    ['<p onclick="x()">Hi</p>', 'Hi', ['attribute onClick of <p>']],
    ['<a href="javascript:alert(1)">Hi</a>', 'Hi', [expect.stringContaining('javascript:')]],
    ['<a href="java&#10;script:alert(1)">Hi</a>', 'Hi', [expect.stringContaining('link')]],
    ['<a href="http://shop.example/">Hi</a>', 'Hi', [expect.stringContaining('http:')]],
    ['<img src=x onerror=alert(1)>', '![](x)', ['attribute onError of <img>']],
    ['<img src="data:image/png;base64,AA==">Hi', 'Hi', [expect.stringContaining('data:')]],
    ['<iframe src="https://evil.example/"></iframe>Hi', 'Hi', ['<iframe>']],
    ['<font color="red">Hi</font>', 'Hi', ['attribute color of <font>', '<font>']],
    ['<table><tr><td>a</td><td>b</td></tr></table>', 'a b', ['<table>', '<tbody>', '<tr>', '<td>']],
    ['<svg><script>alert(1)</script></svg>Hi', 'Hi', ['<svg> with its content']],
    ['<blockquote>Hi</blockquote>', 'Hi', ['<blockquote>']],
    ['<constructor>Hi</constructor>', 'Hi', ['<constructor>']],
  ])('says what it leaves out of %s', (html, markdown, removed) => {
    const reduced = reducedHtml(html);
    expect(reduced.markdown).toBe(markdown);
    expect([...reduced.removed].sort()).toEqual(expect.arrayContaining(removed));
    expect(reduced.removed).toHaveLength(removed.length);
  });

  it.each([
    [
      'elements that are never closed',
      '<b>'.repeat(500),
      'TOO_DEEP',
      'has more than 40 HTML elements open at position 120',
    ],
    [
      'tables within tables',
      '<table><tr><td>'.repeat(500),
      'TOO_DEEP',
      'has more than 40 HTML elements open at position 600',
    ],
    [
      'very many paragraphs',
      '<p>a</p>'.repeat(5_000),
      'TOO_MANY_TAGS',
      'has more than 1200 HTML tags, counted up to position 4800',
    ],
    [
      'paragraphs that no text has room for',
      '<p>a'.repeat(1_000),
      'TOO_MANY_LINES',
      'has 1000 paragraphs, list items and line breaks, at most 300 are read',
    ],
    [
      'formatting that each paragraph repeats',
      Array.from({ length: 400 }, (_, at) => `<b i=${at}></i><p>`).join(''),
      'TOO_DEEP',
      expect.stringContaining('position'),
    ],
    [
      'a tag with very many attributes',
      `<a ${Array.from({ length: 9_000 }, (_, at) => `a${at}`).join(' ')}>`,
      'TOO_MANY_ATTRIBUTES',
      'has a tag with more than 60 attributes at position 0',
    ],
    [
      'attributes behind a quoted bracket',
      `<a b=">" ${'c '.repeat(61)}>`,
      'TOO_MANY_ATTRIBUTES',
      'has a tag with more than 60 attributes at position 0',
    ],
    [
      'a long text',
      `<p>${'word '.repeat(4_001)}</p>`,
      'TOO_LONG',
      'has 20005 characters of text, at most 20000 are allowed',
    ],
    ['very much HTML', 'x'.repeat(60_001), 'TOO_LONG', 'has 60001 characters of HTML, at most 60000 are read'],
  ])('refuses %s and says why', (_, html, code, why) => {
    expect(htmlToMarkdown(html)).toEqual({ code, why });
  });

  it.each([
    ['formatting around paragraphs', '<b>a<p>b</p>c</b>', '**a**\n\n**b**\n\n**c**'],
    ['paragraphs within containers', '<div>a<section><p>b</p>c</section></div>', 'a\n\nb\n\nc'],
    ['formatting within the same formatting', '<b>a <strong>b</strong></b>', '**a b**'],
    ['a heading with a paragraph in it', '<h2><p>a</p></h2>', '## a'],
  ])('keeps the words of %s', (_, html, markdown) => {
    expect(reducedHtml(html).markdown).toBe(markdown);
  });

  it('keeps the words where markup is nested too deep', () => {
    const { markdown, removed } = reducedHtml(`${'<ul><li>'.repeat(12)}deep${'</li></ul>'.repeat(12)}`);
    expect(markdown).toBe('deep');
    expect(removed).not.toEqual([]);
  });

  it('lets no markup through, for any input', () => {
    const parts = fc.constantFrom(
      ...[
        '<script>',
        '</script>',
        '<p>',
        '<b>',
        '<a href="',
        '"',
        'javascript:',
        '>',
        '<',
        '</',
        '<img src=',
        ' onerror=x ',
        '<svg>',
        '<math>',
        '<style>',
        '</style>',
        '<!--',
        '-->',
      ],
      ...[
        '&lt;script&gt;',
        '&#60;',
        '<ul><li>',
        '</li>',
        '<pre>',
        '    ',
        '\n',
        '\n\n',
        '`',
        '```',
        '[x](',
        ')',
        '*',
        '_',
        '#',
        '> ',
        '- ',
        '1. ',
        '---',
        '|',
        '\\',
        'text',
        '<table><tr><td>',
        '<noscript>',
        '<title>',
      ],
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (written) => {
        const { markdown } = reducedHtml(written.join(''));
        expect(parseRichText(markdown).problems).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
