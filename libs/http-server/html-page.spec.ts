import { expect, test } from 'vitest';
import { originOf, PAGE_ORIGIN, renderPage, wantsPage, withOrigin } from './html-page.js';

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

test.each([
  ['http', 'edge.example.com', 'http://edge.example.com'],
  ['https', 'edge.example.com:8443', 'https://edge.example.com:8443'],
  ['http', '127.0.0.1:4100', 'http://127.0.0.1:4100'],
  ['http', '[::1]:4100', 'http://[::1]:4100'],
  ['http', '', 'http://THIS-HOST'],
  ['http', 'a;rm -rf ~', 'http://THIS-HOST'],
  ['http', '$(reboot)', 'http://THIS-HOST'],
  ['http', '<script>', 'http://THIS-HOST'],
  ['http', '-o.example.com', 'http://THIS-HOST'],
  ['javascript', 'example.com', 'http://example.com'],
])('a visitor who came by %s to %j copies %s', (protocol, host, expected) => {
  expect(originOf({ protocol: protocol as 'http', host })).toBe(expected);
});

test('an example names the address that the visitor used, and nothing of it is markup', () => {
  const html = renderPage({ title: 'T', lead: 'L', sections: [{ heading: 'H', code: `curl ${PAGE_ORIGIN}/v1` }] });
  expect(withOrigin(html, 'http://localhost:4100')).toContain('<pre>curl http://localhost:4100/v1</pre>');
  expect(withOrigin(html, 'http://"><script>')).not.toContain('<script>');
});
