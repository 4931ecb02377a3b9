import { expect, test } from 'vitest';
import { parseFeeds } from './feed-config.js';

test('a list of feeds is taken as it is', () => {
  const feeds = [
    { type: 'simulator', key: 'sim', seed: 4 },
    { type: 'recording', key: 'race', path: 'race.bz2', speed: 0 },
  ];
  expect(parseFeeds(JSON.stringify(feeds))).toEqual(feeds);
});

test.each([
  ['{', 'JSON'],
  ['{}', 'must be array'],
  ['[]', 'must NOT have fewer than 1 items'],
  ['[{"type":"telepathy","key":"a"}]', '/0 value of tag "type" must be in oneOf'],
  ['[{"type":"simulator","key":"A b"}]', '/0/key must match pattern'],
  ['[{"type":"simulator","key":"a","sed":1}]', '/0 must NOT have additional properties'],
  ['[{"type":"recording","key":"a"}]', "must have required property 'path'"],
  ['[{"type":"poller","key":"a","url":"file:///etc/passwd","intervalMs":1}]', '/0/url must match pattern'],
  ['[{"type":"simulator","key":"a"},{"type":"simulator","key":"a"}]', 'two feeds have the key a'],
])('%s is refused: %s', (json, reason) => {
  expect(() => parseFeeds(json)).toThrow(reason);
});
