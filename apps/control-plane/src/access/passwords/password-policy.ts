import { blocklist } from './blocklist.js';
import { contextOf, type PasswordContext } from './password-context.js';
import { repeatedUnit, unforeseeableLength } from './password-shape.js';

/** NIST SP 800-63B-4 (August 2025), section 3.1.1.2: where the password is the only factor. */
export const MIN_PASSWORD_LENGTH = 15;
/** More than the 64 that SP 800-63B-4 asks for; bounded, because the hashed text comes from outside. */
export const MAX_PASSWORD_LENGTH = 200;

const MIN_UNFORESEEABLE = 8;
const MIN_DISTINCT = 5;
const MIN_WORD = 4;
/** Digits and signs around a common password add nothing until they are more than these. */
const MAX_TRIMMINGS = 8;

/** A rule that a password breaks. */
export interface PasswordProblem {
  code:
    'TOO_SHORT' | 'TOO_LONG' | 'CONTROL_CHARACTER' | 'PREDICTABLE_PASSWORD' | 'COMMON_PASSWORD' | 'CONTEXT_PASSWORD';
  message: string;
}

/**
 * A password as it is hashed and compared: in Unicode's form NFKC, so that it is the same from every keyboard. Spaces
 * count and stay where they are; the wide and the unbreakable ones become plain ones by NFKC.
 */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/**
 * Every rule that a new password breaks; none asks for kinds of characters (SP 800-63B-4 forbids that). A password is
 * compared as a whole, and so are its derivations: without digits and signs around it, with letters in the place of
 * digits, repeated. A passphrase that merely contains a common word is allowed.
 */
export function passwordProblems(password: string, context: PasswordContext): PasswordProblem[] {
  const text = normalizePassword(password);
  const length = [...text].length;
  return [
    ...(length < MIN_PASSWORD_LENGTH
      ? [problem('TOO_SHORT', `has ${length} characters; at least ${MIN_PASSWORD_LENGTH} are needed, spaces count`)]
      : []),
    ...(password.length > MAX_PASSWORD_LENGTH
      ? [problem('TOO_LONG', `must have at most ${MAX_PASSWORD_LENGTH} characters`)]
      : []),
    ...(hasControlCharacters(text)
      ? [problem('CONTROL_CHARACTER', 'must not have control characters or characters that Unicode does not know')]
      : []),
    ...(isPredictable(text)
      ? [problem('PREDICTABLE_PASSWORD', 'consists of repeated characters or of runs such as 1234 or qwerty')]
      : []),
    ...wordProblems(text, context),
  ];
}

function problem(code: PasswordProblem['code'], message: string): PasswordProblem {
  return { code, message };
}

/** Unassigned code points too: a later Unicode may normalise them, and the password would not be the same any more. */
function hasControlCharacters(text: string): boolean {
  return /[\p{Cc}\p{Cs}\p{Cn}]/u.test(text);
}

function isPredictable(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower === '') return false;
  return new Set(lower).size < MIN_DISTINCT || unforeseeableLength(lower) < MIN_UNFORESEEABLE;
}

function wordProblems(text: string, context: PasswordContext): PasswordProblem[] {
  const { words, domains } = contextOf(context);
  const forms = formsOf(text.toLowerCase());
  if (
    domains.some((domain) => text.toLowerCase().endsWith(`@${domain}`)) ||
    forms.some((form) => isMadeOf(form, words, 1))
  ) {
    return [problem('CONTEXT_PASSWORD', 'is made of the address, the name, the site or the product that it is for')];
  }
  const { all } = blocklist();
  if (forms.some((form) => all.has(form) || isMadeOf(form, new Set(), 2))) {
    return [problem('COMMON_PASSWORD', 'is, or is derived from, a password that is known from breaches')];
  }
  return [];
}

/** A password and what it is derived from, as far as one can tell. */
function formsOf(lower: string): string[] {
  const cores = [lower, repeatedUnit(lower)].flatMap((text) => [text, ...withoutTrimmings(text)]);
  const plain = cores.flatMap((core) => [core, ...LEET.map((letters) => replaceLeet(core, letters))]);
  const joined = plain.flatMap((form) => [form, form.replace(/[^\p{L}\p{N}]/gu, ''), form.replace(/[^\p{L}]/gu, '')]);
  const forms = joined.flatMap((form) => [form, repeatedUnit(form)]);
  return [...new Set(forms)].filter((form) => form.length >= MIN_WORD);
}

/** Without the digits and signs at both ends, where these are few or foreseeable. */
function withoutTrimmings(lower: string): string[] {
  const [, before = '', core = '', after = ''] = /^([^\p{L}]*)(.*?)([^\p{L}]*)$/su.exec(lower) ?? [];
  const trimmings = unforeseeableLength(before) + unforeseeableLength(after);
  return trimmings <= MAX_TRIMMINGS ? [core] : [];
}

const LEET: readonly Readonly<Record<string, string>>[] = ['l', 'i'].map((one) => ({
  ...{ '0': 'o', '1': one, '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '@': 'a', $: 's', '!': 'i' },
}));

function replaceLeet(text: string, letters: Readonly<Record<string, string>>): string {
  return text.replace(/[0134578@$!]/g, (sign) => letters[sign] ?? sign);
}

const MAX_PARTS = 5;

/**
 * Whether the text consists only of the given words and at most `common` of the most common passwords, with at least
 * one given word if there are any.
 */
function isMadeOf(text: string, given: ReadonlySet<string>, common: number): boolean {
  const { mostCommon } = blocklist();
  const from = (start: number, parts: number, commonLeft: number, seen: boolean): boolean => {
    if (start === text.length) return seen || given.size === 0;
    if (parts === MAX_PARTS) return false;
    for (let end = start + 2; end <= text.length; end += 1) {
      const part = text.slice(start, end);
      if (given.has(part) && from(end, parts + 1, commonLeft, true)) return true;
      if (
        commonLeft > 0 &&
        part.length >= MIN_WORD &&
        mostCommon.has(part) &&
        from(end, parts + 1, commonLeft - 1, seen)
      )
        return true;
    }
    return false;
  };
  return from(0, 0, common, false);
}
