import { describe, expect, test } from 'vitest';
import { fc } from '@paddock/testing';
import { linkProblem } from './link-problem.js';
import type { RichTextBlock, RichTextInline, RichTextNode } from './nodes.js';
import { MAX_RICH_TEXT_DEPTH, parseRichText } from './parse-rich-text.js';

const text = (value: string): RichTextInline => ({ type: 'text', value });
const paragraph = (...children: RichTextInline[]): RichTextBlock => ({ type: 'paragraph', children });
const codes = (markdown: string) =>
  parseRichText(markdown).problems.map(({ line, column, code }) => `${line}:${column} ${code}`);

describe('the subset', () => {
  test.each<[string, string, RichTextNode[]]>([
    ['nothing', '', []],
    ['a paragraph', 'Bet £10', [paragraph(text('Bet £10'))]],
    [
      'emphasis',
      '*a* _b_',
      [paragraph({ type: 'emphasis', children: [text('a')] }, text(' '), { type: 'emphasis', children: [text('b')] })],
    ],
    ['strong', '**a**', [paragraph({ type: 'strong', children: [text('a')] })]],
    ['code', '`<b>`', [paragraph({ type: 'code', value: '<b>' })]],
    ['a heading', '## Terms', [{ type: 'heading', level: 2, children: [text('Terms')] }]],
    ['an underlined heading', 'Terms\n---', [{ type: 'heading', level: 2, children: [text('Terms')] }]],
    ['a break', 'a\\\nb', [paragraph(text('a'), { type: 'break' }, text('b'))]],
    [
      'a link',
      '[terms](/terms "All of them")',
      [paragraph({ type: 'link', url: '/terms', title: 'All of them', children: [text('terms')] })],
    ],
    [
      'an address in angle brackets',
      '<https://example.com/>',
      [paragraph({ type: 'link', url: 'https://example.com/', children: [text('https://example.com/')] })],
    ],
    [
      'an image',
      '![A goal](https://cdn.example/goal.jpg)',
      [paragraph({ type: 'image', url: 'https://cdn.example/goal.jpg', alt: 'A goal' })],
    ],
    [
      'a bulleted list',
      '- a\n- b',
      [
        {
          type: 'list',
          ordered: false,
          items: [
            { type: 'item', children: [paragraph(text('a'))] },
            { type: 'item', children: [paragraph(text('b'))] },
          ],
        },
      ],
    ],
    [
      'a numbered list',
      '1. a',
      [{ type: 'list', ordered: true, items: [{ type: 'item', children: [paragraph(text('a'))] }] }],
    ],
    [
      'a list that starts late',
      '3. a',
      [{ type: 'list', ordered: true, start: 3, items: [{ type: 'item', children: [paragraph(text('a'))] }] }],
    ],
    ['character references are characters', '&lt;script&gt;', [paragraph(text('<script>'))]],
    ['an escaped tag', '\\<script>', [paragraph(text('<script>'))]],
    ['a lonely <', 'odds < 3 > 2 <3', [paragraph(text('odds < 3 > 2 <3'))]],
    ['a bar', 'Arsenal | Chelsea', [paragraph(text('Arsenal | Chelsea'))]],
    ['emoji and text direction', '🎉 \u202eabc\u202c שלום', [paragraph(text('🎉 \u202eabc\u202c שלום'))]],
  ])('%s', (_, markdown, tree) => {
    expect(parseRichText(markdown)).toEqual({ tree, problems: [] });
  });
});

describe('what is refused, and where', () => {
  test.each<[string, string, string[]]>([
    ['HTML in a line', 'a <b>c</b>', ['1:3 HTML_NOT_ALLOWED', '1:7 HTML_NOT_ALLOWED']],
    ['an HTML block', 'a\n\n<div>\nb\n</div>', ['3:1 HTML_NOT_ALLOWED']],
    ['a comment', '<!-- a -->', ['1:1 HTML_NOT_ALLOWED']],
    ['fenced code', 'a\n\n```\nb\n```', ['3:1 CODE_BLOCK_NOT_ALLOWED']],
    ['indented code', '    a', ['1:1 CODE_BLOCK_NOT_ALLOWED']],
    ['a quote', '> a', ['1:1 QUOTE_NOT_ALLOWED']],
    ['a rule', 'a\n\n***', ['3:1 RULE_NOT_ALLOWED']],
    ['level 1', '# a', ['1:1 HEADING_LEVEL']],
    ['level 5', '##### a', ['1:1 HEADING_LEVEL']],
    ['a definition and its use', '[a][b]\n\n[b]: /c', ['1:1 REFERENCE_NOT_ALLOWED', '3:1 REFERENCE_NOT_ALLOWED']],
    ['an image by reference', '![a]\n\n[a]: /c', ['1:1 REFERENCE_NOT_ALLOWED', '3:1 REFERENCE_NOT_ALLOWED']],
    ['a footnote', 'a[^1]\n\n[^1]: b', ['1:2 REFERENCE_NOT_ALLOWED', '3:1 REFERENCE_NOT_ALLOWED']],
    ['a table', '| a | b |\n| - | - |\n| 1 | 2 |', ['1:1 TABLE_NOT_ALLOWED']],
    ['a bare table', 'a | b\n:-: | ---', ['1:1 TABLE_NOT_ALLOWED']],
    ['an unsafe link', 'x [a](javascript:alert(1))', ['1:3 INVALID_LINK']],
    ['an unsafe image', '![a](http://example.com/a.png)', ['1:1 INVALID_LINK']],
    ['an e-mail address in angle brackets', '<a@example.com>', ['1:1 INVALID_LINK']],
    ['an image in the words of a link', '[![a](data:x)](/b)', ['1:2 INVALID_LINK']],
    ['in a list', '- a\n  - <i>b</i>', ['2:5 HTML_NOT_ALLOWED', '2:9 HTML_NOT_ALLOWED']],
    ['lists within lists', '- a\n  - a\n    - a\n      - a\n        - a', ['5:11 TOO_DEEP']],
    ['lists on one line', 'x\n- - - - - a', ['2:1 TOO_DEEP']],
    ['a long text', 'x'.repeat(20_001), ['1:1 TOO_LONG']],
    ['many lines', '\n'.repeat(1000), ['1:1 TOO_MANY_LINES']],
    ['many marks', '*a_ '.repeat(501), ['1:1 TOO_MANY_MARKS']],
  ])('%s', (_, markdown, expected) => {
    expect(codes(markdown)).toEqual(expected);
  });

  test('what is around it stays', () => {
    expect(parseRichText('a [b](javascript:x) c <i>d</i>').tree).toEqual([
      paragraph(text('a '), text('b'), text(' c '), text('d')),
    ]);
  });

  test('a text of the greatest length is parsed', () => {
    expect(parseRichText('word '.repeat(4_000)).problems).toEqual([]);
  });

  test('at most fifty problems are listed', () => {
    expect(codes('<b>'.repeat(200))).toHaveLength(50);
  });
});

/** Ways to smuggle something that runs into a page: tags, addresses, and what parsers repair. */
const ATTACKS = [
  '<script>alert(1)</script>',
  '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<body onload=alert(1)>',
  '<a href=javascript:alert(1)>x</a>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<style>@import "https://evil.example";</style>',
  '<base href=https://evil.example>',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
  '<form action=javascript:alert(1)><input type=submit>',
  '<object data=javascript:alert(1)>',
  '<template><script>alert(1)</script></template>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<?xml version="1.0"?><x/>',
  '<x onclick=alert(1)>x',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](<java\tscript:alert(1)>)',
  '[x](java&Tab;script:alert(1))',
  '[x](java&NewLine;script:alert(1))',
  '[x](javascript&colon;alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](&#x6A;avascript:alert(1))',
  '[x](&#0000106avascript&#58;alert(1))',
  '[x](javascript%3Aalert(1))',
  '[x](\\javascript:alert(1))',
  '[x](java\\script:alert(1))',
  '[x]( javascript:alert(1) )',
  '[x](<javascript:alert(1)>)',
  '[x](&#1;javascript:alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](\u00a0javascript:alert(1))',
  '[x](vbscript:msgbox(1))',
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](data&colon;text/html,x)',
  '[x](//evil.example)',
  '[x](/\\evil.example)',
  '[x](\\\\\\\\evil.example)',
  '[x](https:evil.example)',
  '[x](https://good.example@evil.example)',
  '[x](http://evil.example)',
  '[x](/%2fevil.example)',
  '[x](x"onmouseover="alert(1))',
  "[x](/a '\"onmouseover=alert(1)')",
  '![x](javascript:alert(1))',
  '![x](data:image/svg+xml,%3Csvg/onload=alert(1)%3E)',
  '![x"onerror="alert(1)](/x)',
  '<javascript:alert(1)>',
  '<data:text/html,x>',
  '<JAVASCRIPT:alert(1)>',
  '[x][y]\n\n[y]: javascript:alert(1)',
  '![x][y]\n\n[y]: javascript:alert(1)',
  '[x]: javascript:alert(1)\n[x]',
  '[a](b) [![x](javascript:alert(1))](javascript:alert(2))',
  '`<script>`alert(1)`</script>`',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '\\<script\\>',
  '**<img src=x onerror=alert(1)>**',
  '- <script>alert(1)</script>',
  '## <script>alert(1)</script>',
  '[<script>alert(1)</script>](/x)',
  '[x](/y "<script>alert(1)</script>")',
  '```html\n<script>alert(1)</script>\n```',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '\u2028<script>alert(1)</script>',
  '<scr\u0000ipt>alert(1)</scr\u0000ipt>',
  '＜script＞alert(1)＜/script＞',
];

const LEVELS = new Set([2, 3, 4]);
const NO_LEAF: RichTextInline[] = [];

/** Throws unless a tree holds only what the subset has; knows nothing of how trees are made. */
function expectSafe(nodes: readonly (RichTextNode | RichTextInline)[], depth = 1): void {
  for (const node of nodes) {
    expect(depth).toBeLessThanOrEqual(MAX_RICH_TEXT_DEPTH);
    const fields = Object.keys(node).sort().join(' ');
    switch (node.type) {
      case 'paragraph':
      case 'emphasis':
      case 'strong':
        expect(fields).toBe('children type');
        expectSafe(node.children, depth + 1);
        break;
      case 'heading':
        expect(fields).toBe('children level type');
        expect(LEVELS.has(node.level)).toBe(true);
        expectSafe(node.children, depth + 1);
        break;
      case 'list':
        expect(fields).toMatch(/^items ordered( start)? type$/);
        for (const item of node.items) expectSafe(item.children, depth + 2);
        break;
      case 'text':
      case 'code':
        expect(fields).toBe('type value');
        expect(typeof node.value).toBe('string');
        break;
      case 'link':
      case 'image':
        expect(fields).toMatch(/^(children( title)?|alt( title)?) type url$/);
        expect(linkProblem(node.url)).toBeUndefined();
        expect(new URL(node.url, 'https://own.example').protocol).toBe('https:');
        expectSafe(node.type === 'link' ? node.children : NO_LEAF, depth + 1);
        break;
      case 'break':
        expect(fields).toBe('type');
        break;
      default:
        throw new Error(`a node outside the subset: ${JSON.stringify(node satisfies never)}`);
    }
  }
}

describe('nothing that runs gets into a tree', () => {
  test.each(ATTACKS)('%j', (attack) => {
    const { tree, problems } = parseRichText(attack);
    expectSafe(tree);
    const harmless = problems.length === 0;
    // Refused, or shown as the plain characters that it consists of.
    const addresses = JSON.stringify(tree, (name, value: unknown) =>
      name === 'value' || name === 'alt' || name === 'title' ? undefined : value,
    );
    expect(harmless ? addresses : '').not.toMatch(/script:|data:|evil|alert/i);
  });

  test('whatever is put together', () => {
    const pieces = fc.constantFrom(
      ...ATTACKS,
      ...[
        '*',
        '_',
        '**',
        '`',
        '```',
        '[',
        '](',
        ')',
        '![',
        '<',
        '>',
        '- ',
        '1. ',
        '> ',
        '#',
        '## ',
        '\n',
        '\n\n',
        '    ',
        '\\',
        '&',
        ';',
        '| - |',
        '[^1]',
        'a',
        '"',
        "'",
        '/',
        ':',
        ']:',
      ],
    );
    const texts = fc
      .array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 25 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (markdown) => expectSafe(parseRichText(markdown).tree)),
      { numRuns: 3_000 },
    );
  });
});
