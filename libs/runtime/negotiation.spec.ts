import { describe, expect, it } from 'vitest';
import { encodingFor, matchesEtag } from './negotiation.js';

describe('the encoding', () => {
  it.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['GZIP;Q=1.0, br;q=0.5', 'gzip'],
    ['br;q=0, gzip;q=0', 'identity'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['identity;q=1, br;q=0.5', 'identity'],
    ['gzip;q=nonsense', 'identity'],
    ['gzip ; q = 0.5', 'gzip'],
    ['zstd', 'identity'],
    [',,;', 'identity'],
  ] as const)('for %j is %s', (header, encoding) => {
    expect(encodingFor(header)).toBe(encoding);
  });
});

describe('If-None-Match', () => {
  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['"b","W/c" ,  W/"a"', true],
    ['*', true],
    [undefined, false],
    ['"b"', false],
    ['"a-br"', false],
    ['a', false],
    ['"a', false],
    ['"b, "', false],
  ])('%j against "a": %s', (header, matches) => {
    expect(matchesEtag(header, '"a"')).toBe(matches);
  });
});
