/** Scripts in which joiners change nothing that a reader sees. */
const UNJOINED = [
  'Latin',
  'Greek',
  'Cyrillic',
  'Armenian',
  'Georgian',
  'Hebrew',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Thai',
  'Lao',
]
  .map((script) => `\\p{Script=${script}}`)
  .join('');
const JOINED = `(?![${UNJOINED}])[\\p{L}\\p{M}]`;
const PICTURE = '[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F]';

/**
 * What stands in a text and is not seen: format characters (zero-width spaces, direction overrides and marks, soft hyphens,
 * byte order marks), fillers of Hangul, the blank of Braille, the grapheme joiner. Not those that a reader does see the
 * effect of: the joiners within words of scripts that need them and within emoji, the tags of a flag, Arabic signs.
 */
const INVISIBLE = new RegExp(
  [
    `(?<!${JOINED}|${PICTURE})[\\u200C\\u200D]`,
    `[\\u200C\\u200D](?!\\p{L}|\\p{M}|\\p{Extended_Pictographic})`,
    '(?<!\\u{1F3F4}[\\u{E0020}-\\u{E007E}]*)[\\u{E0020}-\\u{E007F}]',
    '[\\u115F\\u1160\\u3164\\uFFA0\\u2800\\u034F\\u180B-\\u180F]',
    '(?![\\u200C\\u200D\\u{E0020}-\\u{E007F}\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}])\\p{Cf}',
  ].join('|'),
  'u',
);

/** The first invisible character of a text, with its place; names and titles with one look like others without. */
export function invisibleCharacter(text: string): { name: string; at: number } | undefined {
  const found = INVISIBLE.exec(text);
  if (!found) return undefined;
  return { name: `U+${(found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`, at: found.index };
}
