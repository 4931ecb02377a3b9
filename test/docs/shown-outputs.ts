/**
 * Parts that may differ between the output that a page shows and the real one. Where `same` is true, two occurrences of
 * one value in the page must be one value in the real outputs as well, and two values must be two.
 */
const VARYING: readonly { readonly pattern: string; readonly real: string; readonly same: boolean }[] = [
  { pattern: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}', real: '[0-9a-f-]{36}', same: true },
  { pattern: '\\b[0-9a-f]{64}\\b', real: '[0-9a-f]{64}', same: true },
  { pattern: '(?<=etag"?: ?)"[\\w-]{27}"', real: '"[\\w-]{27}"', same: true },
  { pattern: '(?<=seq"?: ?|release )\\d+', real: '\\d+', same: true },
  { pattern: '(?<=lockVersion"?: ?|revision"?: ?|toRevision: )\\d+', real: '\\d+', same: true },
  { pattern: '(?<=127\\.0\\.0\\.1:)\\d+', real: '\\d+', same: true },
  {
    pattern: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z',
    real: '\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z',
    same: false,
  },
  { pattern: '\\d+(?= ms\\b| entries)', real: '\\d+', same: false },
  { pattern: '(?<=ms"?: ?)\\d+', real: '\\d+', same: false },
  { pattern: '\\bpck_[\\w-]+', real: 'pck_[\\w-]+', same: false },
];
const VARIES = new RegExp(VARYING.map(({ pattern }) => `(${pattern})`).join('|'), 'gi');

/**
 * Compares the outputs of one page with what the page shows. `…` stands for anything; line breaks and blanks are free;
 * ids, hashes, times and the like may differ, see `VARYING`.
 */
export class ShownOutputs {
  /** The real value of each that the page shows, and back; values of different kinds do not meet. */
  private real = new Map<string, string>();
  private shown = new Map<string, string>();

  /** Undefined where the output is as shown, else what is wrong with it. Remembers values of outputs that are as shown. */
  difference(shown: string, real: string, language = 'text'): string | undefined {
    const free = language === 'json' ? withoutBlanks : (text: string) => text.trim();
    const { pattern, values } = patternOf(free(shown));
    const match = pattern.exec(free(real));
    if (!match) return `shown:\n${shown}\n\ngot:\n${real}`;
    const [reals, showns] = [new Map(this.real), new Map(this.shown)];
    for (const [at, { kind, value }] of values.entries()) {
      if (!kind.same) continue;
      const name = `${kind.pattern} ${value}`;
      const actual = `${kind.pattern} ${match[at + 1]}`;
      const [before, other] = [reals.get(name) ?? actual, showns.get(actual) ?? name];
      if (before !== actual) return `the page shows ${value} again, but here it is ${match[at + 1]}:\n${real}`;
      if (other !== name)
        return `the page shows two values, but ${value} is ${match[at + 1]} as another one is:\n${real}`;
      reals.set(name, actual);
      showns.set(actual, name);
    }
    [this.real, this.shown] = [reals, showns];
    return undefined;
  }
}

interface Varying {
  readonly kind: (typeof VARYING)[number];
  readonly value: string;
}

/** A pattern for what a page shows, with one group for each value that may differ. */
function patternOf(shown: string): { pattern: RegExp; values: Varying[] } {
  const values: Varying[] = [];
  let source = '';
  let end = 0;
  for (const match of shown.matchAll(VARIES)) {
    const kind = VARYING[match.slice(1).findIndex((group) => group !== undefined)];
    if (!kind) continue;
    source += `${literally(shown.slice(end, match.index))}(${kind.real})`;
    values.push({ kind, value: match[0] });
    end = match.index + match[0].length;
  }
  return { pattern: new RegExp(`^${source}${literally(shown.slice(end))}$`), values };
}

function literally(text: string): string {
  return text
    .replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    .replace(/\s*…\s*/g, '[^]*?')
    .replace(/\s+/g, '\\s+');
}

/** JSON without the blanks between its tokens, also where `…` stands for some of them. */
function withoutBlanks(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, text: string | undefined) => text ?? '');
}
