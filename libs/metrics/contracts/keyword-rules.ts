import { canonicalJson, type Json } from '@paddock/contracts';
import { isMultipleOf } from '@paddock/json-schema';
import { isObject, type SchemaObject } from './normalise-schema.js';
import type { ViolationCode } from './violation.js';

/** A rule's finding about one keyword of the reader. */
export interface Narrowing {
  code: ViolationCode;
  keyword: string;
  message: string;
}

type Rule = (reader: Json, writer: SchemaObject) => boolean;

/** A lower bound of the reader holds when one of the writer's is at least as high. */
const atLeast =
  (...keywords: string[]): Rule =>
  (reader, writer) =>
    keywords.some((keyword) => number(writer[keyword], -Infinity) >= number(reader, -Infinity));
const atMost =
  (...keywords: string[]): Rule =>
  (reader, writer) =>
    keywords.some((keyword) => number(writer[keyword], Infinity) <= number(reader, Infinity));
const same =
  (keyword: string): Rule =>
  (reader, writer) =>
    writer[keyword] !== undefined && canonicalJson(reader) === canonicalJson(writer[keyword]);

/** For each type, the keywords that narrow it, each with the test that a writer's schema implies the reader's. */
const RULES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  number: {
    minimum: atLeast('minimum', 'exclusiveMinimum'),
    maximum: atMost('maximum', 'exclusiveMaximum'),
    exclusiveMinimum: (reader, writer) =>
      atLeast('exclusiveMinimum')(reader, writer) || number(writer['minimum'], -Infinity) > number(reader, -Infinity),
    exclusiveMaximum: (reader, writer) =>
      atMost('exclusiveMaximum')(reader, writer) || number(writer['maximum'], Infinity) < number(reader, Infinity),
    multipleOf: (reader, writer) =>
      isMultipleOf(number(reader, NaN))(number(writer['multipleOf'], writesIntegersOnly(writer) ? 1 : NaN)),
  },
  string: {
    minLength: (reader, writer) => reader === 0 || atLeast('minLength')(reader, writer),
    maxLength: atMost('maxLength'),
    pattern: same('pattern'),
    format: same('format'),
    contentEncoding: same('contentEncoding'),
    contentMediaType: same('contentMediaType'),
  },
  array: {
    minItems: (reader, writer) => reader === 0 || atLeast('minItems')(reader, writer),
    maxItems: atMost('maxItems'),
    uniqueItems: (reader, writer) =>
      reader !== true || writer['uniqueItems'] === true || number(writer['maxItems'], Infinity) <= 1,
  },
  object: {
    minProperties: (reader, writer) =>
      Math.max(number(writer['minProperties'], 0), list(writer['required']).length) >= number(reader, 0),
    maxProperties: (reader, writer) =>
      atMost('maxProperties')(reader, writer) ||
      (writer['additionalProperties'] === false &&
        writer['patternProperties'] === undefined &&
        Object.keys(isObject(writer['properties']) ? writer['properties'] : {}).length <= number(reader, Infinity)),
  },
};
// An integer is a number with a fraction of zero.
const rulesOf = (type: string) => RULES[type === 'integer' ? 'number' : type] ?? {};

/** Checks the keywords that narrow one type by themselves, without looking into members or elements. */
export function narrowedKeywords(reader: SchemaObject, writer: SchemaObject, type: string): Narrowing[] {
  return Object.entries(rulesOf(type)).flatMap(([keyword, implied]) => {
    const wanted = reader[keyword];
    if (wanted === undefined || implied(wanted, writer)) return [];
    const had = writer[keyword] === undefined ? 'nothing' : JSON.stringify(writer[keyword]);
    return [
      {
        code: 'VALUE_NARROWED' as const,
        keyword,
        message: `${keyword} ${JSON.stringify(wanted)} is not implied by ${had}`,
      },
    ];
  });
}

function writesIntegersOnly(writer: SchemaObject): boolean {
  return writer['type'] === 'integer';
}

function number(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
