import { _, Ajv2020, type Options, str } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parseInstant } from '#contracts';
import { linearEngine } from '#patterns';
import { linkProblem } from '#rich-text';
import { isMultipleOf } from './is-multiple-of.js';

/**
 * What a validator is made for. Verdicts are the same.
 * `explain`: every mistake, with the value that has it; schemas are held to Ajv's strict mode.
 * `decide`: the first mistake is enough, for values that come by the thousand.
 */
export type SchemaPurpose = 'explain' | 'decide';

const OPTIONS: Readonly<Record<SchemaPurpose, Options>> = {
  explain: { strict: true, strictTypes: false, strictTuples: false, strictRequired: false, allErrors: true, verbose: true },
  decide: { strict: false, allErrors: false },
};

/**
 * A validator of JSON Schema 2020-12. Everything in the product that holds a value against a schema that people write
 * uses one of these: patterns are RE2's, `multipleOf` is decimal, `date-time` is RFC 3339 as {@link parseInstant} reads
 * it, all formats are checked in full, and `link` is what promos may link to (`uri` would let `javascript:` through).
 * @param more options that do not change a verdict
 */
export function schemaValidator(purpose: SchemaPurpose, more: Pick<Options, 'inlineRefs' | 'validateSchema' | 'meta'> = {}): Ajv2020 {
  const ajv = new Ajv2020({ logger: false, code: { regExp: linearEngine }, ...OPTIONS[purpose], ...more });
  formats.default(ajv);
  ajv.addFormat('date-time', (text: string) => parseInstant(text) !== undefined);
  ajv.addFormat('link', (text: string) => linkProblem(text) === undefined);
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
