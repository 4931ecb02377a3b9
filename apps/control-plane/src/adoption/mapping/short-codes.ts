import type { ShortCodes } from '@paddock/contracts';

/** A placeholder of a back office, from its opening to its closing mark. Each class excludes both marks, so a scan is linear. */
const MARKS: Readonly<Record<ShortCodes, readonly RegExp[]>> = {
  // `{{…}}`, and one pair of braces around a name, perhaps with more after it: `{module 7}`.
  BRACES: [/\{\{[^{}]*\}\}/g, /\{\/?[a-z][\w-]*(?:[ =][^{}<>;:()\n]*)?\}/gi],
  // `[name]`, `[name a="b"]`, `[/name]`; `[text](address)` is Markdown.
  BRACKETS: [/\[\/?[a-z][\w-]*(?:\s[^[\]<>]*=[^[\]<>]*|\s[^[\]<>a-z]*)?\/?\](?!\()/gi],
};

/** Placeholders stand inside each other: `{{widget text="{{name}}"}}`. */
const DEPTH = 3;

/** A text without its placeholders, and what was taken out, each kind once. */
export function withoutShortCodes(text: string, kinds: readonly ShortCodes[]): { text: string; removed: string[] } {
  const removed = new Set<string>();
  let rest = text;
  for (const mark of kinds.flatMap((kind) => MARKS[kind])) {
    for (let pass = 0; pass < DEPTH; pass += 1) {
      const next = rest.replace(mark, (code) => {
        removed.add(`short code ${nameOf(code)}`);
        return '';
      });
      if (next === rest) break;
      rest = next;
    }
  }
  return { text: rest, removed: [...removed] };
}

/** Which kinds of placeholder a text has. */
export function shortCodesIn(text: string): ShortCodes[] {
  return (['BRACES', 'BRACKETS'] as const).filter((kind) => SURE[kind].test(text));
}

/** Without its name alone in brackets, which people write in prose too: `[sic]`. */
const SURE: Readonly<Record<ShortCodes, RegExp>> = {
  BRACES: /\{\{[^{}]+\}\}|\{\/?[a-z][\w-]*(?:[ =][^{}<>;:()\n]*)?\}/i,
  BRACKETS:
    /\[[a-z][\w-]*\s[^[\]<>]*=[^[\]<>]*\](?!\()|\[\/[a-z][\w-]*\]|\[[a-z]+[_-][\w-]+\](?!\()|^\s*\[[a-z][\w-]*\]\s*$/i,
};

function nameOf(code: string): string {
  return /^[{[/]+\s*([\w-]{1,40})/.exec(code)?.[1] ?? code.slice(0, 40);
}
