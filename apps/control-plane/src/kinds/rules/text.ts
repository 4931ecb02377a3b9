import { KEY_PATTERN, MAX_KEY_LENGTH } from '@paddock/contracts';
import { imageProblem, linkProblem, MAX_RICH_TEXT_LENGTH, MAX_URL_LENGTH, richTextProblems } from '@paddock/rich-text';
import { invisibleCharacter } from '../../graphql/invisible-characters.js';
import { Check, type Finding, found, inTurn, type Rule, wrongType } from './check.js';

export interface TextLimits {
  /** In UTF-16 code units, as an HTML form counts. */
  max: number;
  /** Must hold something besides white space. */
  filled?: boolean;
  /** May have line feeds and tabs. */
  lines?: boolean;
}

/** Text that is stored exactly as written: any Unicode but control characters and halves of surrogate pairs. */
export function text({ max, filled = false, lines = false }: TextLimits): Rule {
  return (value) => {
    if (typeof value !== 'string') return [wrongType(value, `text of at most ${max} characters`)];
    if (value.length > max)
      return [
        { code: 'TOO_LONG', message: `has ${value.length} characters, at most ${max} are allowed: ${found(value)}` },
      ];
    if (filled && value.trim() === '') return [{ code: 'BLANK', message: `is ${found(value)}, expected some text` }];
    const findings = characterFindings(value, lines);
    return findings.length > 0 || lines ? findings : invisibleFindings(value);
  };
}

/** Control characters and halves of surrogate pairs, the first of them. */
export function characterFindings(value: string, lines: boolean): Finding[] {
  if (!value.isWellFormed()) {
    const message = `contains half of a surrogate pair at position ${value.search(/\p{Cs}/u)}, which is no character`;
    return [{ code: 'INVALID_UNICODE', message }];
  }
  const at = value.search(lines ? /(?![\n\t])\p{Cc}/u : /\p{Cc}/u);
  if (at < 0) return [];
  const code = value.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  const allowed = lines ? 'only line feeds and tabs are allowed' : 'none is allowed here';
  return [
    { code: 'CONTROL_CHARACTER', message: `contains the control character U+${code} at position ${at}; ${allowed}` },
  ];
}

/** Lines that people tell apart by looking: titles, names, labels. Longer texts may set directions. */
function invisibleFindings(value: string): Finding[] {
  const found = invisibleCharacter(value);
  if (!found) return [];
  return [
    {
      code: 'INVISIBLE_CHARACTER',
      message: `contains the invisible character ${found.name} at position ${found.at}, with which it looks like another text; leave it out`,
    },
  ];
}

/** The safe Markdown subset. */
export const richText: Rule = inTurn(text({ max: MAX_RICH_TEXT_LENGTH, lines: true }), (value) =>
  richTextProblems(String(value)).map(({ line, column, code, message }) => ({
    code,
    message: `line ${line}, column ${column}: ${message}`,
  })),
);

/** The address of a link. */
export const link: Rule = address(linkProblem);

/** The address of an image. */
export const imageAddress: Rule = address(imageProblem);

function address(problemOf: (url: string) => string | undefined): Rule {
  return inTurn(text({ max: MAX_URL_LENGTH }), (value) => {
    const problem = problemOf(String(value));
    return problem === undefined ? [] : [{ code: 'INVALID_LINK', message: `${found(value)}: ${problem}` }];
  });
}

const KEY_EXPECTED = `a key: lower-case words joined by - _ or ., at most ${MAX_KEY_LENGTH} characters`;

/** Keys, tags and names of pages and slots. */
export const key: Rule = (value) => {
  if (typeof value !== 'string') return [wrongType(value, KEY_EXPECTED)];
  if (value.length <= MAX_KEY_LENGTH && KEY_PATTERN.test(value)) return [];
  return [{ code: 'INVALID_KEY', message: `is ${found(value)}, expected ${KEY_EXPECTED}` }];
};

/** A list of different keys. */
export function keys({ min, max }: { min: number; max: number }): Rule {
  return (value) => {
    if (!Array.isArray(value)) return [wrongType(value, `a list of ${min} to ${max} keys`)];
    if (value.length < min)
      return [{ code: 'TOO_FEW', message: `has ${value.length} members, at least ${min} is needed` }];
    if (value.length > max)
      return [{ code: 'TOO_MANY', message: `has ${value.length} members, at most ${max} are allowed` }];
    return value.flatMap((member: unknown, index): Finding[] => {
      const path = `[${index}]`;
      const repeated = value.indexOf(member) < index;
      if (repeated) return [{ path, code: 'DUPLICATE', message: `${found(member)} stands in the list twice` }];
      return key(member).map((finding) => ({ path, ...finding }));
    });
  };
}

export const Text = (limits: TextLimits): PropertyDecorator => Check(text(limits));
export const RichText = (): PropertyDecorator => Check(richText);
export const Link = (): PropertyDecorator => Check(link);
export const ImageAddress = (): PropertyDecorator => Check(imageAddress);
export const Key = (): PropertyDecorator => Check(key);
export const Keys = (size: { min: number; max: number }): PropertyDecorator => Check(keys(size));
