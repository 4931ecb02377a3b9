import { describe, expect, it } from 'vitest';
import { fc } from '@paddock/testing';
import { innerText, parsePath, pathOf, stepTo } from './inner-values.js';
import { parsePhp } from './php-values.js';

const VALUES = JSON.stringify({
  title: 'A',
  images: [{ url: '/a.jpg' }, { url: '/b.jpg' }],
  texts: [
    { locale: 'de', title: 'Eins' },
    { locale: 'en', title: 'One' },
  ],
  'de-DE': 'Hallo',
  on: true,
  n: 0,
  none: null,
  'a.b': { c: 1 },
});

describe('a value inside the value of a column', () => {
  it.each([
    ['title', 'A'],
    ['images[1].url', '/b.jpg'],
    ['texts[locale=en].title', 'One'],
    ['["de-DE"]', 'Hallo'],
    ['de-DE', 'Hallo'],
    ['["a.b"].c', '1'],
    ['on', '1'],
    ['n', '0'],
    ['none', null],
    ['missing.deep', null],
    ['images[7].url', null],
    ['title.constructor', null],
    ['images[0]', '{"url":"/a.jpg"}'],
  ])('%s', (path, expected) => {
    expect(innerText(VALUES, path, 'JSON')).toBe(expected);
  });

  it.each(['', '.a', 'a..b', 'a[', 'a[x]', '["a', 'a b', 'a[]'])('%s is no path', (path) => {
    expect(parsePath(path)).toBeUndefined();
  });

  it('text-that-is-something-else: is no value', () => {
    expect(innerText('plain', 'title', 'JSON')).toBeUndefined();
    expect(innerText('{"title":"A"}', 'title', 'PHP_SERIALIZED')).toBeUndefined();
  });

  it('every name can be a step', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((name) => !/["\s]/.test(name)),
        (name) => {
          expect(innerText(JSON.stringify({ [name]: { x: 'found' } }), pathOf([stepTo(name), 'x']), 'JSON')).toBe(
            'found',
          );
        },
      ),
    );
  });
});

describe('what PHP serialized', () => {
  it('is read with lengths in bytes, lists as lists, objects as their members', () => {
    expect(parsePhp('a:3:{s:5:"title";s:5:"Café";i:2;b:1;s:4:"list";a:2:{i:0;i:7;i:1;d:0.5;}}')).toEqual({
      title: 'Café',
      2: true,
      list: [7, 0.5],
    });
    expect(parsePhp('O:8:"stdClass":2:{s:3:"url";s:2:"/a";s:1:"n";N;}')).toEqual({ url: '/a', n: null });
  });

  it.each(['a:1:{i:0;s:9:"short";}', 'a:99999999:{}', 'a:1:{i:0;', 'text', 's:5:"abc";', 'a:-1:{}', 'i:NaN;'])(
    '%s is refused',
    (text) => {
      expect(parsePhp(text)).toBeUndefined();
    },
  );

  it('values-nested-without-end: are refused, not followed', () => {
    const depth = 10_000;
    expect(parsePhp(`${'a:1:{i:0;'.repeat(depth)}N;${'}'.repeat(depth)}`)).toBeUndefined();
  });
});
