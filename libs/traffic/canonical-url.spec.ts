import { describe, expect, test } from 'vitest';
import { fc } from '@paddock/testing';
import { canonicalTarget, canonicalUrl, RefusedUrl } from './canonical-url.js';

const volatile = new Set(['_', 'cb']);
const text = (path: string, query = ''): string => {
  const target = canonicalTarget(path, query, volatile);
  return `${target.path}?${target.query}`;
};

describe('a canonical URL', () => {
  test.each([
    ['/sports', 'b=2&a=1', '/sports?a=1&b=2'],
    ['/sports', 'a=2&a=1&_=1699', '/sports?a=2&a=1'],
    ['/sports', 'CB=1&apiKey=s3cret&Token=x&regions=uk', '/sports?regions=uk'],
    ['/caf%C3%A9', '', '/caf%C3%A9?'],
    ['/café', '', '/caf%C3%A9?'],
    ['/%73ports/', '', '/sports/?'],
    ['/a:b,c@d', '', '/a:b,c@d?'],
    ['/a', 'q=x+y&r=x%20y', '/a?q=x%20y&r=x%20y'],
    ['/a', '&&flag&', '/a?flag='],
    ['', '', '/?'],
  ])('%s ? %s → %s', (path, query, expected) => {
    expect(text(path, query)).toBe(expected);
  });

  test.each([
    '/a/../b',
    '/..',
    '/.',
    '/a/%2e%2e/b',
    '/a/%2E%2E',
    '/a/..%2fb',
    '/a%2fb',
    '/a%5cb',
    '/a\\b',
    '/a//b',
    '//evil.example/x',
    '/%252e%252e/b',
    '/..;x=1/b',
    '/a%00',
    '/a%0d%0ab',
    '/%ff',
    '/%zz',
    '/%',
  ])('refuses the path %s', (path) => {
    expect(() => text(path)).toThrow(RefusedUrl);
  });

  test('refuses broken encodings in the query, and too many parameters', () => {
    expect(() => text('/a', 'x=%ff')).toThrow(RefusedUrl);
    expect(() => text('/a', Array.from({ length: 101 }, (_, at) => `p${at}=1`).join('&'))).toThrow('more than 100');
  });

  const segment = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((value) => value.isWellFormed() && !/[/\\%;.\p{Cc}]/u.test(value));
  const parameters = fc.uniqueArray(
    fc.tuple(
      fc.string({ maxLength: 8 }).filter((name) => name !== ''),
      fc.string({ maxLength: 8 }),
    ),
    { selector: ([name]) => name, maxLength: 12 },
  );
  const written = (pairs: readonly (readonly [string, string])[]): string =>
    pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');

  test('is the same however its parameters are ordered, and whatever cache-busters and secrets stand among them', () => {
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        parameters,
        fc.integer(),
        fc.string({ maxLength: 6 }),
        (segments, pairs, noise, secret) => {
          const path = `/${segments.map(encodeURIComponent).join('/')}`;
          const noisy: [string, string][] = [...pairs].reverse().map(([name, value]) => [name, value]);
          noisy.splice(Math.abs(noise) % (noisy.length + 1), 0, ['_', String(noise)], ['apiKey', secret]);
          expect(text(path, written(noisy))).toBe(text(path, written(pairs)));
        },
      ),
    );
  });

  test('is its own canonical form, and as many questions as there were stay apart', () => {
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        parameters,
        parameters,
        (segments, pairs, others) => {
          const path = `/${segments.map(encodeURIComponent).join('/')}`;
          const one = canonicalTarget(path, written(pairs), new Set());
          expect(canonicalTarget(one.path, one.query, new Set())).toEqual(one);
          const other = canonicalTarget(path, written(others), new Set());
          const kept = (list: readonly (readonly [string, string])[]): string =>
            JSON.stringify(
              list
                .filter(([name]) => !/^(?:token|secret|password|signature)$/i.test(name))
                .toSorted(([a], [b]) => (a < b ? -1 : 1)),
            );
          expect(one.query === other.query).toBe(kept(pairs) === kept(others));
        },
      ),
    );
  });

  test('never leaves the path that it is put below', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('.', '/', '%', '2', 'e', 'f', 'E', '5', 'c', '\\', ';', 'a'),
          maxLength: 14,
        }),
        (path) => {
          let target;
          try {
            target = canonicalTarget(`/${path}`, '', volatile);
          } catch (error) {
            expect(error).toBeInstanceOf(RefusedUrl);
            return;
          }
          expect(new URL(`https://x.example/base${target.path}`).pathname).toBe(`/base${target.path}`);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a URL from a log', () => {
  test.each([
    ['HTTPS://API.Example.com:443/v4/odds?b=1&a=2&token=x', 'https://api.example.com/v4/odds?a=2&b=1'],
    ['http://api.example.com', 'http://api.example.com/'],
    ['ftp://api.example.com/x', undefined],
    ['https://api.example.com/a/../b', undefined],
    ['/only/a/path', undefined],
  ])('%s → %s', (url, expected) => {
    expect(canonicalUrl(url, volatile)).toBe(expected);
  });
});
