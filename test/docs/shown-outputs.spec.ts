import { describe, expect, test } from 'vitest';
import { ShownOutputs } from './shown-outputs.js';

const ID = [
  '01a1f9ed-6c81-76fd-896c-6184cd4237c3',
  '7b1f0e2c-0000-4000-8000-000000000001',
  '7b1f0e2c-0000-4000-8000-000000000002',
];

describe('an output and what the page shows', () => {
  test.each([
    ['equal text', 'a b', 'a  b\n', 'text', true],
    ['other text', 'a b', 'a c', 'text', false],
    ['more than shown', 'a', 'a b', 'text', false],
    ['the rest left out', 'a …', 'a b c', 'text', true],
    ['the middle left out', 'a … c', 'a b c', 'text', true],
    ['what follows the gap is wrong', 'a … d', 'a b c', 'text', false],
    ['characters of patterns', 'a.b (c) [d]', 'axb (c) [d]', 'text', false],
    ['JSON with other blanks', '{ "a": [1, "x y"] }', '{"a":[1,"x y"]}', 'json', true],
    ['JSON with a blank missing in a text', '{ "a": "x y" }', '{"a":"xy"}', 'json', false],
    ['JSON in part', '{ "a": 1, … }', '{"a":1,"b":2}', 'json', true],
    ['another instant', '"at": "2026-11-20T17:07:41.924Z"', '"at":"2027-01-01T00:00:00.000Z"', 'json', true],
    ['no instant', '"at": "2026-11-20T17:07:41.924Z"', '"at":"soon"', 'json', false],
    ['another delay', 'p95 62 ms', 'p95 1250 ms', 'text', true],
    ['another tag', 'ETag: "o2BL6jvPwZ8zSbXMeOs8SACufv2"', 'ETag: "F3abz0DzUHU-udfhdeZC_VsArIU"', 'text', true],
    ['a weak tag', 'ETag: "o2BL6jvPwZ8zSbXMeOs8SACufv2"', 'ETag: W/"F3abz0DzUHU-udfhdeZC_VsArIU"', 'text', false],
  ])('%s', (_, shown, real, language, same) => {
    expect(new ShownOutputs().difference(shown, real, language) === undefined).toBe(same);
  });

  test('one id that the page shows twice is one id', () => {
    const outputs = new ShownOutputs();
    expect(outputs.difference(`made ${ID[0]}`, `made ${ID[1]}`)).toBeUndefined();
    expect(outputs.difference(`read ${ID[0]}`, `read ${ID[1]}`)).toBeUndefined();
    expect(outputs.difference(`read ${ID[0]}`, `read ${ID[2]}`)).toContain('shows');
    expect(outputs.difference(`${ID[2]}`, `${ID[1]}`)).toContain('two values');
  });

  test('numbers of different kinds do not meet', () => {
    const outputs = new ShownOutputs();
    expect(outputs.difference('"seq": 2, "lockVersion": 2', '"seq":7,"lockVersion":9', 'json')).toBeUndefined();
    expect(outputs.difference('Paddock-Seq: 2', 'Paddock-Seq: 7')).toBeUndefined();
    expect(outputs.difference('Paddock-Seq: 3', 'Paddock-Seq: 7')).toContain('two values');
  });
});
