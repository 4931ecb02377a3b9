import { expect, test } from 'vitest';
import { renderPage, wantsPage } from './html-page.js';

const CHROMIUM = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

test.each([
  [CHROMIUM, true],
  ['text/html', true],
  ['application/json;q=0.9, text/html', true],
  ['application/json, text/html', true],
  ['application/json, text/html;q=0.5', false],
  ['text/html;q=0', false],
  ['application/graphql-response+json, application/json', false],
  ['*/*', false],
  ['', false],
  [undefined, false],
])('a client that accepts %j wants a page: %s', (accept, expected) => {
  expect(wantsPage(accept)).toBe(expected);
});

test('what a page says is text, whatever it is', () => {
  const html = renderPage({
    title: '<b>"A" & \'B\'</b>',
    lead: '<script>alert(1)</script>',
    links: [{ href: '/"><script>', label: '<i>', text: '&' }],
    sections: [{ id: '"', heading: '<h>', text: '<t>', code: '<c>' }],
  });
  expect(html).not.toMatch(/<script|<b>"|<i>|<t>|<c>|<h>/);
  expect(html).toContain('&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;');
});
