import { schemaProblem } from '@paddock/json-schema';
import { patternProblem } from '@paddock/patterns';
import { type Finding, found, isObject, type Rule } from '../rules/check.js';
import { below } from '../rules/path.js';
import { compileSchema, EndlessSchema, FORMATS, isKeyword, metaErrors } from './compile-schema.js';
import { pointerPath } from './pointer-path.js';
import { subschemas } from './schema-walk.js';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** A JSON Schema 2020-12 that describes an object and needs nothing from outside. */
export const propsSchema: Rule = (value) => {
  if (!isObject(value)) return [];
  const costly = schemaProblem(value);
  if (costly !== undefined) return [{ code: 'SCHEMA_TOO_LARGE', message: costly }];
  const parts = [...subschemas(value)];
  const pointers = new Set(parts.map(({ pointer }) => pointer));
  const findings = [
    ...topFindings(value),
    ...parts.flatMap(({ schema, path }) => [
      ...referenceFindings(schema.$ref, below(path, '$ref'), pointers),
      ...patternFindings(schema, path),
      ...keywordFindings(schema, path),
    ]),
  ];
  if (findings.length > 0) return findings;
  const meta = metaFindings(value);
  return meta.length > 0 ? meta : compileFindings(value);
};

/** One finding per place: where a value fits none of several forms, the meta-schema complains once for each. */
function metaFindings(schema: Record<string, unknown>): Finding[] {
  const byPath = new Map<string, Finding>();
  for (const { instancePath, message = 'is wrong' } of metaErrors(schema)) {
    const path = pointerPath(instancePath);
    if (!byPath.has(path))
      byPath.set(path, { path, code: 'INVALID_SCHEMA', message: `${message} (JSON Schema 2020-12)` });
  }
  return [...byPath.values()];
}

function topFindings({ type, $schema }: Record<string, unknown>): Finding[] {
  const findings: Finding[] = [];
  if (type !== 'object')
    findings.push({
      path: 'type',
      code: 'INVALID_SCHEMA',
      message: `is ${found(type)}; props are an object, so it must be "object"`,
    });
  if ($schema !== undefined && $schema !== DIALECT) {
    findings.push({
      path: '$schema',
      code: 'UNKNOWN_DIALECT',
      message: `is ${found($schema)}; only ${DIALECT} is understood`,
    });
  }
  return findings;
}

/** References lead to a schema within the schema: to `#` or, by JSON Pointer, to one of its parts. */
function referenceFindings(reference: unknown, path: string, pointers: ReadonlySet<string>): Finding[] {
  if (reference === undefined) return [];
  if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) {
    return [
      {
        path,
        code: 'REMOTE_REFERENCE',
        message: `is ${found(reference)}; a reference must stay within the schema: #/$defs/name`,
      },
    ];
  }
  if (pointers.has(decoded(reference.slice(1)))) return [];
  return [{ path, code: 'UNRESOLVED_REFERENCE', message: `${found(reference)} is no schema within this schema` }];
}

/** References are URIs, so a pointer in one may be percent-encoded. */
function decoded(pointer: string): string {
  try {
    return decodeURIComponent(pointer);
  } catch {
    return pointer;
  }
}

function patternFindings({ pattern, patternProperties }: Record<string, unknown>, path: string): Finding[] {
  const patterns: [string, string][] = [
    ...(typeof pattern === 'string' ? [[pattern, below(path, 'pattern')] satisfies [string, string]] : []),
    ...(isObject(patternProperties) ? Object.keys(patternProperties) : []).map((name): [string, string] => [
      name,
      below(below(path, 'patternProperties'), name),
    ]),
  ];
  return patterns.flatMap(([source, at]) => {
    const problem = patternProblem(source);
    return problem === undefined
      ? []
      : [
          {
            path: at,
            code: 'INVALID_PATTERN',
            message: `${found(source)} is not a pattern of RE2: ${problem.slice(0, 200)}`,
          },
        ];
  });
}

/**
 * Keywords that name a part of a schema or identify another schema, so that references could lead to unchecked places;
 * and ajv's own keyword for asynchronous checks.
 */
const FORBIDDEN = [
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$recursiveAnchor',
  '$recursiveRef',
  '$vocabulary',
  '$async',
];

function keywordFindings(schema: Record<string, unknown>, path: string): Finding[] {
  const forbidden = path === '' ? FORBIDDEN : [...FORBIDDEN, '$id', '$schema'];
  const { format } = schema;
  return [
    ...Object.keys(schema).flatMap((keyword): Finding[] => {
      const at = below(path, keyword);
      if (forbidden.includes(keyword))
        return [{ path: at, code: 'KEYWORD_NOT_ALLOWED', message: `${keyword} is not allowed here` }];
      return isKeyword(keyword)
        ? []
        : [{ path: at, code: 'UNKNOWN_KEYWORD', message: 'is no keyword of JSON Schema 2020-12' }];
    }),
    ...(typeof format !== 'string' || FORMATS.has(format)
      ? []
      : [
          {
            path: below(path, 'format'),
            code: 'UNKNOWN_FORMAT',
            message: `is ${found(format)}, expected one of ${[...FORMATS].join(', ')}`,
          },
        ]),
  ];
}

function compileFindings(schema: Record<string, unknown>): Finding[] {
  try {
    compileSchema(schema)({});
    return [];
  } catch (error) {
    if (error instanceof EndlessSchema)
      return [
        {
          code: 'ENDLESS_SCHEMA',
          message: 'takes too many steps to check: it refers to itself without end, or multiplies itself',
        },
      ];
    const message = error instanceof Error ? error.message.replace(/^strict mode: /, '') : 'cannot be compiled';
    return [{ code: 'INVALID_SCHEMA', message: message.slice(0, 300) }];
  }
}
