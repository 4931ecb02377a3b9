import { describe, expect, test } from 'vitest';
import { fc } from '@paddock/testing';
import { linkProblem } from './link-problem.js';

describe('addresses that may be put into a page', () => {
  test.each([
    'https://example.com',
    'https://example.com/offers?x=1&y=2#top',
    'HTTPS://EXAMPLE.com/',
    'https://example.com:8443/a',
    'https://bücher.example/ä',
    'https://xn--bcher-kva.example/',
    'https://[2001:db8::1]/',
    'https://example.com/a%20b%3Ac',
    'https://example.com/@name',
    'https://example.com/?next=javascript:x',
    '/',
    '/offers',
    '/offers/summer?tab=1#terms',
    '/offers/a:b',
    'offers/summer',
    'offers/a:b',
    './x',
    '../x',
    '?page=2',
    '?x=a:b',
    '#terms',
    '#a:b',
    '/über-uns',
    "it's",
    '/x/a&b',
    '/x/%2F',
    '/x/..',
  ])('%s', (url) => {
    expect(linkProblem(url)).toBeUndefined();
  });
});

describe('addresses that run code, hide where they lead, or lead elsewhere', () => {
  test.each<[string, string]>([
    ['javascript', 'javascript:alert(1)'],
    ['in mixed case', 'JaVaScRiPt:alert(1)'],
    ['with a tab', 'java\tscript:alert(1)'],
    ['with a line feed', 'java\nscript:alert(1)'],
    ['with a carriage return', 'java\rscript:alert(1)'],
    ['after a space', ' javascript:alert(1)'],
    ['after a control character', '\u0001javascript:alert(1)'],
    ['after NUL', '\u0000javascript:alert(1)'],
    ['after a no-break space', '\u00a0javascript:alert(1)'],
    ['after a byte order mark', '\ufeffjavascript:alert(1)'],
    ['with a zero-width space', 'java\u200bscript:alert(1)'],
    ['with a soft hyphen', 'java\u00adscript:alert(1)'],
    ['before a space', 'javascript :alert(1)'],
    ['with a named character reference', 'javascript&colon;alert(1)'],
    ['with a decimal character reference', 'javascript&#58;alert(1)'],
    ['with a padded character reference', '&#0000106avascript&#x3a;alert(1)'],
    ['with a referenced tab', 'java&Tab;script&colon;alert(1)'],
    ['with an encoded colon', 'javascript%3Aalert(1)'],
    ['with a twice encoded colon', 'javascript%253Aalert(1)'],
    ['with an encoded line feed', 'java%0ascript%3aalert(1)'],
    ['behind a slash with an encoded colon', '/javascript%3Aalert(1)'],
    ['as a path', '/javascript:alert(1)'],
    ['with a comment that looks like a host', 'javascript://example.com/%0aalert(1)'],
    ['vbscript', 'vbscript:msgbox(1)'],
    ['livescript', 'livescript:alert(1)'],
    ['data', 'data:text/html,<script>alert(1)</script>'],
    ['data in base64', 'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='],
    ['data as an image', 'data:image/svg+xml,%3Csvg/onload=alert(1)%3E'],
    ['blob', 'blob:https://example.com/uuid'],
    ['file', 'file:///etc/passwd'],
    ['view-source', 'view-source:https://example.com'],
    ['intent', 'intent://scan/#Intent;scheme=zxing;end'],
    ['http', 'http://example.com'],
    ['ftp', 'ftp://example.com'],
    ['mailto', 'mailto:someone@example.com'],
    ['tel', 'tel:+4412345'],
    ['an unknown scheme', 'x-y.z+1:whatever'],
    ['a host without scheme', '//evil.example'],
    ['a host without scheme, three slashes', '///evil.example'],
    ['a backslash for a slash', '/\\evil.example'],
    ['two backslashes', '\\\\evil.example'],
    ['https and backslashes', 'https:\\\\evil.example'],
    ['https without slashes', 'https:evil.example'],
    ['https with one slash', 'https:/evil.example'],
    ['https with three slashes', 'https:///evil.example'],
    ['https without host', 'https://'],
    ['https with a query for host', 'https://?x'],
    ['https with an impossible host', 'https://exa%mple.com'],
    ['https with an impossible port', 'https://example.com:99999/'],
    ['a host behind a tab', '/\t/evil.example'],
    ['a host behind an encoded slash', '/%2fevil.example'],
    ['a host behind an encoded backslash', '/%5cevil.example'],
    ['a host behind a character reference', '/&sol;evil.example'],
    ['a host behind a dot', '/.//evil.example'],
    ['a host behind two dots', '../..//evil.example'],
    ['a user name that looks like the host', 'https://bank.example@evil.example/'],
    ['a user name and password', 'https://a:b@evil.example/'],
    ['an empty user name', 'https://@evil.example/'],
    ['a text direction override', 'https://example.com/\u202egpj.exe'],
    ['a quote that ends an attribute', '/x"onmouseover="alert(1)'],
    ['a tag', '/x><script>alert(1)</script>'],
    ['a back-tick', '/x`onmouseover=alert(1)'],
    ['a lone surrogate', '/\ud800'],
    ['a line separator', '/x\u2028y'],
    ['nothing', ''],
    ['white space alone', ' '],
    ['a long address', `/${'x'.repeat(2000)}`],
  ])('%s', (_, url) => {
    expect(linkProblem(url)).toEqual(expect.any(String));
  });

  test('the message says what was found, and never repeats a long address', () => {
    expect(linkProblem('javascript:alert(1)')).toBe(
      'the scheme javascript: is not allowed; only https:// addresses and paths such as /offers, offers/summer or #terms are allowed',
    );
    expect(linkProblem('/a b')).toBe(
      'the address contains the character U+0020, which must be percent-encoded or left out',
    );
    expect(linkProblem(`/${'x'.repeat(2000)}`)).toBe('the address has 2001 characters, at most 2000 are allowed');
    expect(linkProblem(`${'x'.repeat(1900)}:y`)?.length).toBeLessThan(200);
  });

  const trickyPieces = fc.constantFrom(
    'javascript',
    'JAVASCRIPT',
    'data',
    'https',
    'http',
    ':',
    '/',
    '//',
    '\\',
    '?',
    '#',
    '.',
    '..',
    '@',
    '%',
    '%3a',
    '%2f',
    '%5C',
    '%09',
    '&',
    '&colon;',
    '\t',
    '\n',
    ' ',
    '\u0000',
    '\u00a0',
    'example.com',
    'evil.example',
    'alert(1)',
    '[',
    ']',
    ';',
    ',',
    '+',
    'x',
  );
  const tricky = fc
    .array(fc.oneof(trickyPieces, fc.string({ unit: 'binary', maxLength: 2 })), { maxLength: 8 })
    .map((pieces) => pieces.join(''));

  test('a browser takes whatever is allowed for https or for the own site', () => {
    fc.assert(
      fc.property(tricky, (url) => {
        if (linkProblem(url) !== undefined) return;
        const resolved = new URL(url, 'https://own.example/some/page');
        expect(resolved.protocol).toBe('https:');
        expect(resolved.username + resolved.password).toBe('');
        if (!/^https:\/\//i.test(url)) expect(resolved.host).toBe('own.example');
        // So does one that decodes once too often, or that joins site and path as strings.
        expect(/^[^/?#]*script:/i.test(decodeURIComponentLeniently(url))).toBe(false);
        expect(resolved.pathname.startsWith('//') && resolved.host === 'own.example').toBe(false);
      }),
      { numRuns: 20_000 },
    );
  });
});

function decodeURIComponentLeniently(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
