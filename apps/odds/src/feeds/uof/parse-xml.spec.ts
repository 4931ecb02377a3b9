import { expect, test } from 'vitest';
import { parseXml } from './parse-xml.js';

test.each([
  ['entities that grow', '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a x="&c;"/>', 'document types'],
  ['files of ours', '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>', 'document types'],
  ['entities without a type', '<a x="&b;"/>', 'undefined entity'],
  ['depth', `${'<a>'.repeat(20)}${'</a>'.repeat(20)}`, 'deeper than 16'],
  ['breadth', `<a>${'<b/>'.repeat(50_001)}</a>`, 'more than 20000 elements'],
  ['length', `<a x="${'x'.repeat(5 << 20)}"/>`, 'more than 393216 characters'],
  ['an end that is missing', '<a><b></a>', 'unexpected close tag'],
  ['text', 'no xml', 'text data outside of root node'],
  ['nothing', '', 'document must contain a root element'],
])('refuses %s', (_what, text, reason) => {
  expect(() => parseXml(text)).toThrow(reason);
});
