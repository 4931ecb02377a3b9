import { _, Ajv2020, type Options, str } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { canonicalJson, parseInstant } from '@paddock/contracts';
import { linearEngine } from '@paddock/patterns';
import { linkProblem } from '@paddock/rich-text';
import { isMultipleOf } from './is-multiple-of.js';

/**
 * What a validator is made for. Verdicts are the same.
 * `explain`: every mistake, with the value that has it; schemas are held to Ajv's strict mode.
 * `decide`: the first mistake is enough, for values that come by the thousand.
 */
export type SchemaPurpose = 'explain' | 'decide';

const OPTIONS: Readonly<Record<SchemaPurpose, Options>> = {
  explain: {
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allErrors: true,
    verbose: true,
  },
  decide: { strict: false, allErrors: false },
};

/**
 * A validator of JSON Schema 2020-12. Everything in the product that holds a value against a schema that people write
 * uses one of these: patterns are RE2's, `multipleOf` is decimal, `date-time` is RFC 3339 as {@link parseInstant} reads
 * it, all formats are checked in full, and `link` is what promos may link to (`uri` would let `javascript:` through).
 * @param more options that do not change a verdict; `ordinary` where the schema is known to be short: Ajv's optimiser makes a
 *   little faster code, and takes a time that grows with the square of the schema
 */
export function schemaValidator(
  purpose: SchemaPurpose,
  more: Pick<Options, 'inlineRefs' | 'validateSchema' | 'meta' | 'allErrors'> & { ordinary?: boolean } = {},
): Ajv2020 {
  const { ordinary = false, ...options } = more;
  const ajv = new Ajv2020({
    logger: false,
    code: { regExp: linearEngine, optimize: ordinary },
    ...OPTIONS[purpose],
    ...options,
  });
  formats.default(ajv);
  ajv.addFormat('date-time', (text: string) => parseInstant(text) !== undefined);
  ajv.addFormat('link', (text: string) => linkProblem(text) === undefined);
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    compile: (unique: boolean) => (list: unknown[]) => !unique || areDifferent(list),
    error: { message: 'must NOT have duplicate items' },
  });
  if (purpose === 'explain') {
    ajv.removeKeyword('enum');
    ajv.addKeyword({
      keyword: 'enum',
      schemaType: 'array',
      compile: (values: unknown[]) => isOneOf(values),
      error: {
        message: 'must be equal to one of the allowed values',
        params: ({ schemaCode }) => _`{ allowedValues: ${schemaCode} }`,
      },
    });
  }
  ajv.removeKeyword('multipleOf');
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    compile: (step: number) => isMultipleOf(step),
    error: {
      message: ({ schemaCode }) => str`must be multiple of ${schemaCode}`,
      params: ({ schemaCode }) => _`{ multipleOf: ${schemaCode} }`,
    },
  });
  return ajv;
}

/** Ajv compares each member with every other one. */
function areDifferent(list: readonly unknown[]): boolean {
  return list.length < 2 || new Set(list.map(canonicalJson)).size === list.length;
}

/** Ajv compares a value with each of them, member by member. */
function isOneOf(values: readonly unknown[]): (value: unknown) => boolean {
  const allowed = new Set(values.map(canonicalJson));
  return (value) => allowed.has(canonicalJson(value));
}
