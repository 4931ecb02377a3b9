import type { ProblemCode } from './problem-codes.js';

/** A JSON Schema (2020-12), as OpenAPI 3.1 uses it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One parameter of a route. */
export interface ParameterDescription {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

/** Bodies by their media types. */
export type ContentDescription = Readonly<Record<string, JsonSchema>>;

/** An answer that is no problem. */
export interface AnswerDescription {
  readonly description: string;
  readonly content?: ContentDescription;
  /** Descriptions of headers by their names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** By what a caller shows who it is. `none` says that it need not. */
export type Security = 'clientKey' | 'clientKeyInQuery' | 'bearer' | 'basic' | 'keyInQuery' | 'none';

/** One route as its callers see it: the one declaration from which its documentation is made. */
export interface RouteDescription {
  readonly method: 'GET' | 'POST';
  /** With parameters in braces: `/v1/{environment}/changes`. */
  readonly path: string;
  /** The same in the router's own spelling, where that differs by more than braces. */
  readonly served?: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly Security[];
  readonly parameters?: readonly ParameterDescription[];
  readonly body?: { readonly description: string; readonly content: ContentDescription };
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** Codes with which it refuses, besides those of every route. */
  readonly problems?: readonly ProblemCode[];
}

/** An API over HTTP: its routes, and the schemas that they share by name. */
export interface ApiDescription {
  readonly title: string;
  readonly description: string;
  readonly routes: readonly RouteDescription[];
  readonly schemas?: Readonly<Record<string, JsonSchema>>;
  /** Paths that begin so are for other parts of the system alone, and not described. */
  readonly internal?: readonly string[];
}

/** Refers to a schema of {@link ApiDescription.schemas}. */
export function schemaRef(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A JSON object with these members, all required but the named ones, and no others. */
export function objectSchema(
  properties: Readonly<Record<string, JsonSchema>>,
  { optional = [], description }: { readonly optional?: readonly string[]; readonly description?: string } = {},
): JsonSchema {
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    additionalProperties: false,
  };
}

/** A JSON array. */
export function arrayOf(items: JsonSchema, description?: string): JsonSchema {
  return { type: 'array', items, ...(description === undefined ? {} : { description }) };
}
