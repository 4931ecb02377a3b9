/** Characters that lie side by side on keyboards, row by row and column by column. */
const KEYBOARD = [
  ...[
    '1234567890',
    'qwertyuiop',
    'asdfghjkl',
    'zxcvbnm',
    'qwertzuiop',
    'yxcvbnm',
    'azertyuiop',
    'qsdfghjklm',
    'wxcvbn',
  ],
  ...['1qaz', '2wsx', '3edc', '4rfv', '5tgb', '6yhn', '7ujm', '8ik', '9ol', '!@#$%^&*()'],
];

const KEYBOARD_STEPS: ReadonlyMap<string, Step> = new Map(
  KEYBOARD.flatMap((row, index) =>
    [...row].slice(1).flatMap((next, at) => {
      const before = row[at] ?? '';
      return [
        [before + next, `row ${index} right`],
        [next + before, `row ${index} left`],
      ] as const;
    }),
  ),
);

/** How one character leads to the next: the same, the next one of the alphabet, the next key of a row. */
type Step = string;

const RUN = 3;

/**
 * How many characters of a text are not foreseeable: what repeats counts once, and a run of three or more characters
 * such as `aaa`, `1234`, `fedcba` or `qwertz` counts as one.
 * @param text in lower case
 */
export function unforeseeableLength(text: string): number {
  const characters = [...repeatedUnit(text)];
  return Math.min(runsIn(characters), interleaved(characters));
}

/** `abcabcab` is `abc`, repeated; a text that does not repeat is its own unit. */
export function repeatedUnit(text: string): string {
  const characters = [...text];
  // The failure function of Knuth, Morris and Pratt: how much of the beginning each position repeats.
  const repeats = [0];
  for (let at = 1, matched = 0; at < characters.length; at += 1) {
    while (matched > 0 && characters[at] !== characters[matched]) matched = repeats[matched - 1] ?? 0;
    if (characters[at] === characters[matched]) matched += 1;
    repeats[at] = matched;
  }
  const period = characters.length - (repeats.at(-1) ?? 0);
  return period * 2 <= characters.length ? characters.slice(0, period).join('') : text;
}

/** Two runs in turn, such as `1q2w3e4r`, are two runs. */
function interleaved(characters: readonly string[]): number {
  const every = (rest: number) => characters.filter((_, index) => index % 2 === rest);
  return runsIn(every(0)) + runsIn(every(1));
}

function runsIn(characters: readonly string[]): number {
  let count = 0;
  for (let start = 0; start < characters.length;) {
    const length = runFrom(characters, start);
    count += 1;
    start += length >= RUN ? length : 1;
  }
  return count;
}

/** How long the run is that begins at `start`. */
function runFrom(characters: readonly string[], start: number): number {
  const lengths = stepsBetween(characters[start], characters[start + 1]).map((step) => {
    let end = start + 1;
    while (end < characters.length && stepsBetween(characters[end - 1], characters[end]).includes(step)) end += 1;
    return end - start;
  });
  return Math.max(1, ...lengths);
}

function stepsBetween(before: string | undefined, after: string | undefined): Step[] {
  if (before === undefined || after === undefined) return [];
  const distance = (after.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0);
  const key = KEYBOARD_STEPS.get(before + after);
  return [...(Math.abs(distance) <= 1 ? [`distance ${distance}`] : []), ...(key === undefined ? [] : [key])];
}
