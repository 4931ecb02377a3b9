import { expect, test } from 'vitest';
import { invisibleCharacter } from './invisible-characters.js';

test.each([
  ['a zero-width space', 'pay\u200bpal', { name: 'U+200B', at: 3 }],
  ['an override of direction', 'invoice\u202egpj.exe', { name: 'U+202E', at: 7 }],
  ['an isolate', '\u2066admin\u2069', { name: 'U+2066', at: 0 }],
  ['a mark of direction', 'admin\u200e', { name: 'U+200E', at: 5 }],
  ['a byte order mark', '\ufeffadmin', { name: 'U+FEFF', at: 0 }],
  ['a soft hyphen', 'ad\u00admin', { name: 'U+00AD', at: 2 }],
  ['a joiner within a Latin word', 'ad\u200dmin', { name: 'U+200D', at: 2 }],
  ['a non-joiner within a Cyrillic word', 'пр\u200cивет', { name: 'U+200C', at: 2 }],
  ['a joiner at an end', 'ख\u200d', { name: 'U+200D', at: 1 }],
  ['a filler of Hangul', 'a\u3164b', { name: 'U+3164', at: 1 }],
  ['a half-width filler', 'a\uffa0', { name: 'U+FFA0', at: 1 }],
  ['a blank of Braille', 'a\u2800', { name: 'U+2800', at: 1 }],
  ['tags without a flag', 'a\u{E0061}', { name: 'U+E0061', at: 1 }],
])('%s is found', (_, text, expected) => {
  expect(invisibleCharacter(text)).toEqual(expected);
});

test.each([
  ['Persian with its non-joiner', 'می\u200cخواهم'],
  ['Hindi with its joiner', 'क्\u200dष'],
  ['Malayalam with a joiner', 'ന്\u200dറ'],
  ['a family', 'Family 👨\u200d👩\u200d👧\u200d👦 bet'],
  ['a woman running', '🏃🏽\u200d♀\ufe0f run'],
  ['the flag of England', 'Come on \u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}!'],
  ['Hebrew', 'הימור חינם'],
  ['Arabic with a sign of a verse', '\u06dd1'],
  ['accents of their own', 'Cafe\u0301'],
])('%s has none', (_, text) => {
  expect(invisibleCharacter(text)).toBeUndefined();
});
