import { searchable } from './content-facts.js';

/** InnoDB's own list, which its index leaves out: `information_schema.INNODB_FT_DEFAULT_STOPWORD`. */
const STOPWORDS = new Set(
  (
    'a about an are as at be by com de en for from how i in is it la of on or that the this to was what when where who ' +
    'will with und the www'
  ).split(' '),
);
/** `innodb_ft_min_token_size` and `innodb_ft_max_token_size`. */
const INDEXED_LENGTH = { min: 3, max: 84 } as const;

/** How a text is looked for. */
export interface TextSearch {
  /** The words that the full-text index knows, for `MATCH … AGAINST (… IN BOOLEAN MODE)`; empty where the index knows no word. */
  readonly words: string | undefined;
  /** What a text must contain, for `LIKE`. */
  readonly like: string;
}

/**
 * The full-text index finds the texts that have all words, by their beginnings; the comparison with `LIKE` keeps those
 * that have them as they were typed, with words that the index leaves out. A search of such words alone reads every text.
 */
export function textSearch(text: string): TextSearch {
  const words = text
    .split(/[^\p{L}\p{N}_]+/u)
    .filter((word) => word.length >= INDEXED_LENGTH.min && word.length <= INDEXED_LENGTH.max)
    .filter((word) => !STOPWORDS.has(word.toLowerCase()));
  return {
    words: words.length > 0 ? words.map((word) => `+${word}*`).join(' ') : undefined,
    like: `%${searchable(text).replace(/[\\%_]/g, '\\$&')}%`,
  };
}
