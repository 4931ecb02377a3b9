/** The values of the placeholders in a UOF name. */
export interface NameValues {
  readonly specifiers: ReadonlyMap<string, string>;
  readonly eventName?: string | undefined;
  /** In the order of the fixture: home, away. */
  readonly competitors: readonly string[];
}

const PLACEHOLDER = /\{([^{}]*)\}/g;

/**
 * A name of a UOF description with its placeholders filled: `{total}` a specifier, `{!periodnr}` as an ordinal, `{+hcp}`
 * and `{-hcp}` with its sign and turned around, `{(from+1)}` with a number added, `{$competitor1}` and `{$event}` of the
 * fixture.
 * @returns `undefined` where one of them is not known: half a name, or a raw placeholder, is never shown
 */
export function fillName(template: string, values: NameValues): string | undefined {
  let complete = true;
  const name = template.replace(PLACEHOLDER, (_all, placeholder: string) => {
    const value = valueOf(placeholder, values);
    if (value === undefined) complete = false;
    return value ?? '';
  });
  return complete && name !== '' && !/[{}]/.test(name) ? name : undefined;
}

function valueOf(placeholder: string, { specifiers, eventName, competitors }: NameValues): string | undefined {
  if (placeholder === '$event') return eventName || undefined;
  const competitor = /^\$competitor([1-9])$/.exec(placeholder);
  if (competitor) return competitors[Number(competitor[1]) - 1] || undefined;
  const sum = /^\((\w+)([+-])(\d+)\)$/.exec(placeholder);
  if (sum) return added(specifiers.get(sum[1] ?? ''), Number(`${sum[2]}${sum[3]}`));
  const [, sign = '', specifier = ''] = /^([!+-]?)(\w+)$/.exec(placeholder) ?? [];
  const value = specifiers.get(specifier);
  if (value === undefined) return undefined;
  if (sign === '') return value;
  const number = Number(value);
  if (!Number.isFinite(number)) return undefined;
  if (sign === '!') return ordinal(number);
  return signed(sign === '-' ? -number : number);
}

function added(value: string | undefined, more: number): string | undefined {
  const number = Number(value);
  return value === undefined || !Number.isFinite(number) ? undefined : String(number + more);
}

function signed(number: number): string {
  return number > 0 ? `+${number}` : String(number === 0 ? 0 : number);
}

const SUFFIXES: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });

function ordinal(number: number): string {
  return `${number}${SUFFIXES[ordinals.select(number)] ?? 'th'}`;
}
