import { describe, expect, it } from '@jest/globals';
import { parseRichText } from '#rich-text';
import { fc } from '#testing';
import { htmlToMarkdown } from './html-to-markdown.js';

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
    const reduced = htmlToMarkdown(html);
    expect(reduced.markdown).toBe(markdown);
    expect([...reduced.removed].sort()).toEqual(expect.arrayContaining(removed));
    expect(reduced.removed).toHaveLength(removed.length);
  });

  it('keeps the words where markup is nested too deep', () => {
    const { markdown, removed } = htmlToMarkdown(`${'<ul><li>'.repeat(12)}deep${'</li></ul>'.repeat(12)}`);
    expect(markdown).toBe('deep');
    expect(removed).not.toEqual([]);
  });

  it('lets no markup through, whatever it is made of', () => {
    const parts = fc.constantFrom(
      ...['<script>', '</script>', '<p>', '<b>', '<a href="', '"', 'javascript:', '>', '<', '</', '<img src=', ' onerror=x ', '<svg>', '<math>', '<style>', '</style>', '<!--', '-->'],
      ...['&lt;script&gt;', '&#60;', '<ul><li>', '</li>', '<pre>', '    ', '\n', '\n\n', '`', '```', '[x](', ')', '*', '_', '#', '> ', '- ', '1. ', '---', '|', '\\', 'text', '<table><tr><td>', '<noscript>', '<title>'],
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (written) => {
        const { markdown } = htmlToMarkdown(written.join(''));
        expect(parseRichText(markdown).problems).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
