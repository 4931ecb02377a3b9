import type { ErrorObject } from 'ajv';
import { LRUCache } from 'lru-cache';
import { canonicalJson, sha256Hex } from '@paddock/contracts';
import { schemaValidator } from '@paddock/json-schema';
import { isObject } from '../rules/check.js';
import { subschemas } from './schema-walk.js';

/** Finds how props fail to fit a schema; none where they fit. */
export type PropsCheck = (props: unknown) => readonly ErrorObject[];

/** Thrown by a {@link PropsCheck} whose schema refers to itself without end, or multiplies itself. */
export class EndlessSchema extends Error {}

/**
 * How many parts of a schema one check may hold values against. Real schemas have a few per value; one that doubles itself
 * has 2^n, and one of many alternatives for many members multiplies the two.
 */
const MAX_STEPS = 100_000;
const STEP = 'x-paddock-step';

/** A compiled schema of ordinary size takes about 160 KB. */
const compiled = new LRUCache<string, PropsCheck>({ max: 200 });

/**
 * Compiles a JSON Schema 2020-12, once per content.
 * @throws Error that says what is wrong with the schema
 */
export function compileSchema(schema: Record<string, unknown>): PropsCheck {
  const hash = sha256Hex(canonicalJson(schema));
  const known = compiled.get(hash);
  if (known) return known;
  const check = compile(schema);
  compiled.set(hash, check);
  return check;
}

/** Has the meta-schema, whose compilation takes longer than everything else. */
const reference = schemaValidator('explain');

/** Errors of the meta-schema for a schema; empty for a valid one. */
export function metaErrors(schema: Record<string, unknown>): readonly ErrorObject[] {
  return reference.validateSchema(schema) === true ? [] : (reference.errors ?? []);
}

/** Does JSON Schema 2020-12 have this keyword? */
export function isKeyword(name: string): boolean {
  return Object.hasOwn(reference.RULES.keywords, name);
}

/** The formats that are checked, by name. */
export const FORMATS: ReadonlySet<string> = new Set(Object.keys(reference.formats));

function compile(schema: Record<string, unknown>): PropsCheck {
  let steps = 0;
  // An instance of its own: a shared one would keep every schema for ever, and let one `$id` stand for another.
  const ajv = schemaValidator('explain', { validateSchema: false, inlineRefs: false });
  ajv.addKeyword({
    keyword: STEP,
    validate: (weight: number) => {
      steps += weight;
      if (steps > MAX_STEPS) throw new EndlessSchema();
      return true;
    },
  });
  const validate = ajv.compile(withSteps(schema));
  return (props) => {
    steps = 0;
    try {
      return validate(props) ? [] : (validate.errors ?? []);
    } catch (error) {
      throw error instanceof RangeError ? new EndlessSchema() : error;
    }
  };
}

/** One for a reference or a list, and one for each alternative; parts without parts of their own are counted where they stand. */
function stepsOf(part: Record<string, unknown>): number {
  const alternatives = ['anyOf', 'oneOf', 'allOf'].reduce(
    (sum, keyword) => sum + (Array.isArray(part[keyword]) ? part[keyword].length : 0),
    0,
  );
  return alternatives + ('$ref' in part || 'items' in part || 'contains' in part ? 1 : 0);
}

/** A copy in which what leads from one part to others counts as it is followed. */
function withSteps(schema: Record<string, unknown>): Record<string, unknown> {
  const copy: unknown = JSON.parse(canonicalJson(schema));
  for (const { schema: part } of subschemas(copy)) {
    const weight = stepsOf(part);
    if (weight > 0) part[STEP] = weight;
  }
  return isObject(copy) ? copy : {};
}
