import { expect, test } from 'vitest';
import { parseJsonObject } from './parse-json.js';

test('an object is read', () => {
  expect(parseJsonObject('{"a":[1,null]}')).toEqual({ a: [1, null] });
});

test.each(['[]', 'null', '1', '"{}"'])('%s is no object', (text) => {
  expect(() => parseJsonObject(text)).toThrow(TypeError);
});

test('what is no JSON at all is another error', () => {
  expect(() => parseJsonObject('{')).toThrow(SyntaxError);
});
