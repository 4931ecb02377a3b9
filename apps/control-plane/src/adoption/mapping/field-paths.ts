import type { AdoptedKind, AdoptionBody, TransformType } from '#contracts';

/** What may stand at a path of a body. */
export interface FieldPath {
  pattern: RegExp;
  takes: 'TEXT' | 'MARKDOWN' | 'LINK' | 'KEY' | 'NUMBER' | 'FLAG' | 'TIME' | 'ANY';
  /** Several columns may add to it. */
  list?: boolean;
}

const SCHEDULE: FieldPath[] = [{ pattern: /^schedule\.(?:from|to)$/, takes: 'TIME' }];
const PROPS: FieldPath[] = [{ pattern: /^props\.[A-Za-z_][\w-]{0,59}$/, takes: 'ANY' }];

const PROMO: readonly FieldPath[] = [
  { pattern: /^(?:title|subtitle|badge|terms|image\.alt|cta\.label)$/, takes: 'TEXT' },
  { pattern: /^text$/, takes: 'MARKDOWN' },
  { pattern: /^(?:image\.url|cta\.href)$/, takes: 'LINK' },
  { pattern: /^(?:tags|audience\.(?:sites|segments))$/, takes: 'KEY', list: true },
  { pattern: /^audience\.(?:jurisdictions|locales|devices)$/, takes: 'TEXT', list: true },
  { pattern: /^component$/, takes: 'KEY' },
  { pattern: /^priority$/, takes: 'NUMBER' },
  { pattern: /^shown$/, takes: 'FLAG' },
  ...SCHEDULE,
  ...PROPS,
];

const COMPONENT: readonly FieldPath[] = [{ pattern: /^(?:name|description)$/, takes: 'TEXT' }];

/** Every row of a gathered component is one setting of it. */
const SETTINGS: readonly FieldPath[] = [
  ...COMPONENT,
  { pattern: /^setting\.(?:name|title|description)$/, takes: 'TEXT' },
  { pattern: /^setting\.value$/, takes: 'ANY' },
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

export function fieldPath({ kind, gatherBy }: Pick<AdoptionBody['documents'], 'kind' | 'gatherBy'>, path: string): FieldPath | undefined {
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
