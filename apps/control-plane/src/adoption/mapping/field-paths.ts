import type { AdoptedKind, AdoptionBody, AdoptionField, TransformType } from '@paddock/contracts';
import type { Rule } from '../../kinds/rules/check.js';
import { characterFindings, key, link, richText, text } from '../../kinds/rules/text.js';

/** Any JSON that a component may take; of texts, no control characters but line feeds and tabs. */
const anyText: Rule = (value) => (typeof value === 'string' ? characterFindings(value, true) : []);

/** What may stand at a path of a body. */
export interface FieldPath {
  pattern: RegExp;
  takes: 'TEXT' | 'MARKDOWN' | 'LINK' | 'KEY' | 'NUMBER' | 'FLAG' | 'TIME' | 'ANY';
  /** Several columns may add to it. */
  list?: boolean;
  /** What its value must be. A test holds it against the kind. */
  rule?: Rule;
  /**
   * What a bad value takes along: by default the whole row. `VALUE`: itself alone, because the document is whole without it
   * and no one sees more of it; `SETTING`: the setting that the row is.
   */
  alone?: 'VALUE' | 'SETTING';
}

const SCHEDULE: FieldPath[] = [{ pattern: /^schedule\.(?:from|to)$/, takes: 'TIME' }];
const PROPS: FieldPath[] = [{ pattern: /^props\.[A-Za-z_][\w-]{0,59}$/, takes: 'ANY', rule: anyText, alone: 'VALUE' }];

const PROMO: readonly FieldPath[] = [
  { pattern: /^title$/, takes: 'TEXT', rule: text({ max: 200, filled: true }) },
  { pattern: /^(?:subtitle|image\.alt)$/, takes: 'TEXT', rule: text({ max: 300 }), alone: 'VALUE' },
  { pattern: /^badge$/, takes: 'TEXT', rule: text({ max: 40 }), alone: 'VALUE' },
  { pattern: /^terms$/, takes: 'TEXT', rule: text({ max: 5_000, lines: true }), alone: 'VALUE' },
  { pattern: /^cta\.label$/, takes: 'TEXT', rule: text({ max: 80, filled: true }) },
  { pattern: /^text$/, takes: 'MARKDOWN', rule: richText, alone: 'VALUE' },
  { pattern: /^(?:image\.url|cta\.href)$/, takes: 'LINK', rule: link, alone: 'VALUE' },
  { pattern: /^tags$/, takes: 'KEY', list: true, rule: key, alone: 'VALUE' },
  { pattern: /^audience\.(?:sites|segments)$/, takes: 'KEY', list: true },
  { pattern: /^audience\.(?:jurisdictions|locales|devices)$/, takes: 'TEXT', list: true },
  { pattern: /^component$/, takes: 'KEY' },
  { pattern: /^priority$/, takes: 'NUMBER', alone: 'VALUE' },
  { pattern: /^shown$/, takes: 'FLAG' },
  ...SCHEDULE,
  ...PROPS,
];

const COMPONENT: readonly FieldPath[] = [
  { pattern: /^name$/, takes: 'TEXT' },
  { pattern: /^description$/, takes: 'TEXT', rule: text({ max: 5_000, lines: true }), alone: 'VALUE' },
];

/** Every row of a gathered component is one setting of it. */
const SETTINGS: readonly FieldPath[] = [
  ...COMPONENT.map(({ alone: _, ...path }) => path),
  { pattern: /^setting\.name$/, takes: 'TEXT', rule: text({ max: 1_000, filled: true }), alone: 'SETTING' },
  { pattern: /^setting\.(?:title|description)$/, takes: 'TEXT', rule: anyText, alone: 'VALUE' },
  { pattern: /^setting\.value$/, takes: 'ANY', rule: anyText, alone: 'SETTING' },
];

/** Every row of a gathered layout is one item in a slot. */
const LAYOUT: readonly FieldPath[] = [
  { pattern: /^(?:page|slot|item\.promo|item\.component)$/, takes: 'KEY' },
  { pattern: /^item\.promos\.tags$/, takes: 'KEY', list: true },
  { pattern: /^(?:item\.promos\.limit|order)$/, takes: 'NUMBER' },
  { pattern: /^item\.shown$/, takes: 'FLAG' },
  ...SCHEDULE.map((path) => ({ ...path, pattern: /^item\.schedule\.(?:from|to)$/ })),
  ...PROPS.map((path) => ({ ...path, pattern: /^item\.props\.[A-Za-z_][\w-]{0,59}$/ })),
];

const GIVES: Readonly<Record<TransformType, readonly FieldPath['takes'][]>> = {
  TEXT: ['TEXT', 'LINK', 'KEY'],
  HTML_TEXT: ['TEXT', 'LINK'],
  HTML: ['MARKDOWN'],
  ESCAPED_HTML: ['MARKDOWN'],
  URL: ['LINK'],
  IMAGE: ['LINK'],
  KEY: ['KEY', 'TEXT'],
  VALUES: ['TEXT', 'KEY', 'LINK', 'MARKDOWN'],
  NUMBER: ['NUMBER'],
  PRIORITY: ['NUMBER'],
  STATUS: ['FLAG'],
  LOCAL_TIME: ['TIME'],
  UNIX_TIME: ['TIME'],
};

export function fieldPath(
  { kind, gatherBy }: Pick<AdoptionBody['documents'], 'kind' | 'gatherBy'>,
  path: string,
): FieldPath | undefined {
  return pathsOf(kind, gatherBy !== undefined).find(({ pattern }) => pattern.test(path));
}

function pathsOf(kind: AdoptedKind, gathered: boolean): readonly FieldPath[] {
  switch (kind) {
    case 'promo':
      return PROMO;
    case 'component':
      return gathered ? SETTINGS : COMPONENT;
    case 'layout':
      return LAYOUT;
  }
}

/** Can what a transform gives stand at such a path? */
export function fits(transform: TransformType, path: FieldPath): boolean {
  return path.takes === 'ANY' || GIVES[transform].includes(path.takes);
}

/** What a bad value of a field takes along; absent: the whole row. */
export function takesAlong(
  documents: Pick<AdoptionBody['documents'], 'kind' | 'gatherBy'>,
  { field, badValues }: Pick<AdoptionField, 'field' | 'badValues'>,
): FieldPath['alone'] {
  return badValues === 'REFUSE_ROW' ? undefined : fieldPath(documents, field)?.alone;
}
