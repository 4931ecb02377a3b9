import { canonicalJson, type Json } from '@paddock/contracts';
import { schemaValidator } from '@paddock/json-schema';
import { narrowedKeywords } from './keyword-rules.js';
import { isObject, isSchema, normaliseSchema, resolveRef, type Schema, type SchemaObject } from './normalise-schema.js';
import { type ObjectComparison, objectViolations, type OpenContent } from './object-rules.js';
import { fieldPath, type Violation, type ViolationCode } from './violation.js';

const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'];
/** Schemas nest; a pair that is compared within itself is taken to hold, which is what recursion means. */
const MAX_DEPTH = 60;

/**
 * Why a reader cannot read everything that a writer may write; empty when every event that is valid under `writer` is
 * proved to be valid under `reader`. The proof errs on the safe side: what it cannot prove is reported.
 */
export function readerViolations(reader: Schema, writer: Schema, content: OpenContent): Violation[] {
  return new Comparison(normaliseSchema(reader), normaliseSchema(writer), content).run();
}

const CONTAINS = ['contains', 'minContains', 'maxContains'];

class Comparison implements ObjectComparison {
  private readonly underWay = new Set<string>();
  private readonly sameRoots: boolean;

  constructor(
    private readonly readerRoot: Schema,
    private readonly writerRoot: Schema,
    readonly content: OpenContent,
  ) {
    this.sameRoots = canonicalJson(readerRoot) === canonicalJson(writerRoot);
  }

  run(): Violation[] {
    return this.compare(this.readerRoot, this.writerRoot, '');
  }

  readonly compare = (readerGiven: Schema, writerGiven: Schema, field: string): Violation[] => {
    const reader = simplify(readerGiven, this.readerRoot);
    const writer = simplify(writerGiven, this.writerRoot);
    if (reader === true || writer === false) return [];
    if (reader === false) return [violation('FIELD_FORBIDDEN', field, 'false', 'the reader accepts no value here')];
    if (this.same(reader, writer)) return [];
    const pair = canonicalJson([reader, writer]);
    if (this.underWay.has(pair)) return [];
    if (this.underWay.size > MAX_DEPTH)
      return [violation('NOT_COMPARABLE', field, '$ref', 'nested too deeply to compare')];
    this.underWay.add(pair);
    try {
      return this.compareObjects(reader, writer === true ? {} : writer, field);
    } finally {
      this.underWay.delete(pair);
    }
  };

  private compareObjects(reader: SchemaObject, writer: SchemaObject, field: string): Violation[] {
    const unresolved = reader['$unresolved'] ?? writer['$unresolved'];
    if (unresolved !== undefined)
      return [
        violation('NOT_COMPARABLE', field, '$ref', `${JSON.stringify(unresolved)} names nothing within the schema`),
      ];
    const values = finiteValues(writer);
    if (values) return this.compareValues(reader, writer, values, field);
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      const branches = schemas(writer[keyword]);
      if (branches.length === 0 || sameBranches(reader[keyword], writer[keyword])) continue;
      const { [keyword]: _, ...base } = writer;
      const each = branches.map((branch) => this.compare(reader, intersect(base, branch, this.writerRoot), field));
      // A oneOf of the writer is narrower than the union of its branches, so the union's proof holds for it too.
      return dedupe(each.flat());
    }
    return dedupe([...this.composed(reader, writer, field), ...this.plain(reader, writer, field)]);
  }

  private compareValues(
    reader: SchemaObject,
    writer: SchemaObject,
    values: readonly Json[],
    field: string,
  ): Violation[] {
    const writes = validatorOf(writer, this.writerRoot);
    const reads = validatorOf(reader, this.readerRoot);
    if (!writes || !reads)
      return [
        violation('NOT_COMPARABLE', field, '$ref', 'the schema refers to a part that cannot be checked by itself'),
      ];
    const refused = values.filter((value) => writes(value) && !reads(value));
    if (refused.length === 0) return [];
    return [
      violation(
        'VALUE_NARROWED',
        field,
        'enum',
        `the reader refuses ${refused.map((value) => JSON.stringify(value)).join(', ')}`,
      ),
    ];
  }

  /** allOf, anyOf, oneOf, not and if of the reader. */
  private composed(reader: SchemaObject, writer: SchemaObject, field: string): Violation[] {
    const found = schemas(reader['allOf']).flatMap((member) => this.compare(member, writer, field));
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      const branches = schemas(reader[keyword]);
      if (branches.length === 0 || sameBranches(reader[keyword], writer[keyword])) continue;
      found.push(...this.intoBranches(branches, keyword, writer, field));
    }
    if (isSchema(reader['not'])) {
      const theirs = writer['not'];
      const narrower = isSchema(theirs) && this.swapped().compare(theirs, reader['not'], field).length === 0;
      if (!narrower && !this.disjoint(writer, reader['not']))
        found.push(violation('VALUE_NARROWED', field, 'not', 'the reader excludes values that may be written'));
    }
    if (isSchema(reader['if'])) found.push(...this.conditional(reader, writer, field));
    return [...found, ...this.dependentOnAll(reader, writer, field)];
  }

  private intoBranches(
    branches: readonly Schema[],
    keyword: 'anyOf' | 'oneOf',
    writer: SchemaObject,
    field: string,
  ): Violation[] {
    const fits = (part: SchemaObject): boolean =>
      branches.some(
        (branch, index) =>
          this.compare(branch, part, field).length === 0 &&
          (keyword === 'anyOf' || branches.every((other, at) => at === index || this.disjoint(part, other))),
      );
    if (fits(writer) || typesOf(writer).every((type) => fits({ ...writer, type }))) return [];
    return [
      violation(
        'FIELD_NARROWED',
        field,
        keyword,
        `not every value that may be written fits ${keyword === 'anyOf' ? 'one' : 'exactly one'} of the reader's alternatives`,
      ),
    ];
  }

  private conditional(reader: SchemaObject, writer: SchemaObject, field: string): Violation[] {
    const sameCondition = this.same(reader['if'] ?? null, writer['if']);
    return (['then', 'else'] as const).flatMap((keyword) => {
      const wanted = reader[keyword];
      if (!isSchema(wanted) || this.compare(wanted, writer, field).length === 0) return [];
      const had = writer[keyword];
      if (sameCondition && isSchema(had)) return this.compare(wanted, had, field);
      return [violation('FIELD_NARROWED', field, keyword, `the reader's condition (${keyword}) is not implied`)];
    });
  }

  /** The meaning of `unevaluated…` depends on all keywords beside it, and that of `contains` on its bounds. */
  private dependentOnAll(reader: SchemaObject, writer: SchemaObject, field: string): Violation[] {
    const writes = (type: string): boolean => typesOf(writer).includes(type);
    const unevaluated = (
      [
        ['unevaluatedProperties', 'object'],
        ['unevaluatedItems', 'array'],
      ] as const
    ).filter(([keyword, type]) => reader[keyword] !== undefined && reader[keyword] !== true && writes(type));
    const contains =
      CONTAINS.every((keyword) => reader[keyword] === undefined || this.same(reader[keyword], writer[keyword])) &&
      CONTAINS.every((keyword) => writer[keyword] === undefined || reader[keyword] !== undefined);
    return [
      ...unevaluated.map(([keyword]) =>
        violation('FIELD_NARROWED', field, keyword, `the reader's ${keyword} is not implied`),
      ),
      ...(reader['contains'] === undefined || contains || !writes('array')
        ? []
        : [
            violation(
              'VALUE_NARROWED',
              field,
              'contains',
              `contains ${JSON.stringify(reader['contains'])} is not implied`,
            ),
          ]),
    ];
  }

  /** Whether two values say the same, each within its own schema. */
  readonly same = (reader: Json, writer: Json | undefined): boolean => {
    if (writer === undefined || canonicalJson(reader) !== canonicalJson(writer)) return false;
    return !canonicalJson(reader).includes('"$ref"') || this.sameRoots;
  };

  private plain(reader: SchemaObject, writer: SchemaObject, field: string): Violation[] {
    const readable = typesOf(reader);
    const refused = typesOf(writer).filter(
      (type) => !readable.includes(type) && !(type === 'integer' && readable.includes('number')),
    );
    if (refused.length > 0)
      return [
        violation('TYPE_NARROWED', field, 'type', `the reader takes ${readable.join(', ')}, not ${refused.join(', ')}`),
      ];
    const found: Violation[] = [];
    if (reader['enum'] !== undefined || reader['const'] !== undefined) {
      found.push(
        violation(
          'VALUE_NARROWED',
          field,
          reader['enum'] === undefined ? 'const' : 'enum',
          'the reader takes only listed values',
        ),
      );
    }
    for (const type of typesOf(writer)) {
      found.push(...narrowedKeywords(reader, writer, type).map((narrowing) => ({ ...narrowing, field })));
      if (type === 'object') found.push(...objectViolations(reader, writer, field, this));
      if (type === 'array') found.push(...this.elements(reader, writer, field));
    }
    return found;
  }

  private elements(reader: SchemaObject, writer: SchemaObject, field: string): Violation[] {
    const length = Math.max(schemas(reader['prefixItems']).length, schemas(writer['prefixItems']).length);
    const longest = typeof writer['maxItems'] === 'number' ? writer['maxItems'] : Infinity;
    const at = (schema: SchemaObject, index: number): Schema =>
      schemas(schema['prefixItems'])[index] ?? (isSchema(schema['items']) ? schema['items'] : true);
    return Array.from({ length: length + 1 }, (_, index) => index)
      .filter((index) => index < longest)
      .flatMap((index) => this.compare(at(reader, index), at(writer, index), fieldPath(field, '[]')));
  }

  private disjoint(writer: Schema, other: Schema): boolean {
    const left = simplify(writer, this.writerRoot);
    const right = simplify(other, this.readerRoot);
    if (left === false || right === false) return true;
    if (left === true || right === true) return false;
    const values = finiteValues(left);
    if (values) {
      const fits = validatorOf(right, this.readerRoot);
      return fits !== undefined && !values.some(fits);
    }
    const shared = typesOf(left).filter((type) =>
      typesOf(right).some(
        (theirs) =>
          theirs === type || (type === 'integer' && theirs === 'number') || (type === 'number' && theirs === 'integer'),
      ),
    );
    return shared.length === 0;
  }

  /** The comparison with both roles exchanged, for what stands under `not`. */
  private swapped(): Comparison {
    return new Comparison(this.writerRoot, this.readerRoot, 'strict');
  }
}

function violation(code: ViolationCode, field: string, keyword: string, message: string): Violation {
  return { code, field, keyword, message: field === '' ? message : `${field}: ${message}` };
}

/** Follows references and folds `allOf` into one object where no keyword is said twice. */
function simplify(schema: Schema, root: Schema): Schema {
  if (typeof schema === 'boolean') return schema;
  const ref = schema['$ref'];
  if (typeof ref !== 'string') return fold(schema, root);
  const { $ref: _, ...rest } = schema;
  const target = resolveRef(root, ref);
  if (target === undefined) return { ...rest, $unresolved: ref };
  return simplify(intersect(rest, target, root), root);
}

function fold(schema: SchemaObject, root: Schema): Schema {
  const { allOf, ...base } = schema;
  if (!Array.isArray(allOf)) return schema;
  let folded: SchemaObject = base;
  for (const member of schemas(allOf)) {
    const whole = intersect(folded, member, root);
    if (whole === false) return false;
    if (whole !== true) folded = whole;
  }
  return folded;
}

/** Keywords that mean something only together: those of one schema never mix with those of another. */
const TOGETHER = [
  ['properties', 'patternProperties', 'additionalProperties'],
  ['prefixItems', 'items'],
  CONTAINS,
  ['if', 'then', 'else'],
  ['unevaluatedProperties'],
  ['unevaluatedItems'],
];
/** These depend on all keywords beside them, so they stay with those. */
const DEPENDENT = ['unevaluatedProperties', 'unevaluatedItems'];

const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  'id',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'definitions',
  '$defs',
  '$anchor',
]);

/** The schema of values that satisfy both; keywords that differ are kept side by side under `allOf`. */
function intersect(base: SchemaObject, other: Schema, root: Schema): Schema {
  const right = simplify(other, root);
  if (right === true) return base;
  if (right === false) return false;
  if (DEPENDENT.some((keyword) => right[keyword] !== undefined || base[keyword] !== undefined))
    return { allOf: [base, right] };
  const merged: SchemaObject = { ...base };
  const apart: SchemaObject = {};
  for (const [keyword, value] of Object.entries(right)) {
    const had = merged[keyword];
    if (ANNOTATIONS.has(keyword)) continue;
    const group = TOGETHER.find((keywords) => keywords.includes(keyword)) ?? [keyword];
    const mixes =
      group.some(
        (one) =>
          base[one] !== undefined &&
          (right[one] === undefined || canonicalJson(base[one]) !== canonicalJson(right[one])),
      ) ||
      group.some(
        (one) =>
          right[one] !== undefined && base[one] === undefined && group.some((other) => base[other] !== undefined),
      );
    if (group.length > 1 && mixes) apart[keyword] = value;
    else if (had === undefined || canonicalJson(had) === canonicalJson(value)) merged[keyword] = value;
    else if (tighter[keyword]) merged[keyword] = tighter[keyword](had, value);
    else apart[keyword] = value;
  }
  if (Object.keys(apart).length > 0) merged['allOf'] = [...schemas(merged['allOf']), apart];
  return merged;
}

/** How two values of one keyword are combined into one. */
const tighter: Readonly<Record<string, ((left: Json, right: Json) => Json) | undefined>> = {
  minimum: (left, right) => Math.max(Number(left), Number(right)),
  maximum: (left, right) => Math.min(Number(left), Number(right)),
  minLength: (left, right) => Math.max(Number(left), Number(right)),
  maxLength: (left, right) => Math.min(Number(left), Number(right)),
  minItems: (left, right) => Math.max(Number(left), Number(right)),
  maxItems: (left, right) => Math.min(Number(left), Number(right)),
  required: (left, right) => [...new Set([...asList(left), ...asList(right)])],
  type: (left, right) => {
    const both = [...new Set([...narrower(asList(left), asList(right)), ...narrower(asList(right), asList(left))])];
    const [only] = both;
    return both.length === 1 && only !== undefined ? only : both;
  },
};

/** The types of `some` that `others` allow too; every integer is a number. */
function narrower(some: readonly Json[], others: readonly Json[]): Json[] {
  return some.filter((type) => others.includes(type) || (type === 'integer' && others.includes('number')));
}

function asList(value: Json): Json[] {
  return Array.isArray(value) ? value : [value];
}

function schemas(value: Json | undefined): Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

function sameBranches(reader: Json | undefined, writer: Json | undefined): boolean {
  if (reader === undefined || writer === undefined) return false;
  const key = (value: Json): string => asList(value).map(canonicalJson).sort().join();
  // Equal references may name different definitions.
  return key(reader) === key(writer) && !key(reader).includes('"$ref"');
}

function typesOf(schema: SchemaObject): string[] {
  const given = schema['type'];
  if (typeof given === 'string') return [given];
  if (Array.isArray(given)) return given.filter((type) => typeof type === 'string');
  return TYPES.filter((type) => type !== 'integer');
}

function finiteValues(schema: SchemaObject): readonly Json[] | undefined {
  if (schema['const'] !== undefined) return [schema['const']];
  const listed = schema['enum'];
  if (Array.isArray(listed)) return listed;
  const types = typesOf(schema);
  if (types.every((type) => type === 'null' || type === 'boolean'))
    return types.flatMap((type) => (type === 'null' ? [null] : [true, false]));
  return undefined;
}

/** `undefined` where the schema cannot be compiled apart from its root. */
function validatorOf(schema: SchemaObject, root: Schema): ((value: Json) => boolean) | undefined {
  const ajv = schemaValidator('decide', { validateSchema: false, meta: false });
  const { enum: listed, $schema: _, $id: __, ...rest } = schema;
  const definitions = isObject(root) ? { $defs: root['$defs'] ?? {}, definitions: root['definitions'] ?? {} } : {};
  let validate: (value: Json) => boolean;
  try {
    validate = ajv.compile({ ...definitions, ...rest });
  } catch {
    return undefined;
  }
  const among = Array.isArray(listed) ? new Set(listed.map(canonicalJson)) : undefined;
  // An empty enum is a schema that nothing fits; ajv refuses to compile it.
  return (value) => validate(value) && (among === undefined || among.has(canonicalJson(value)));
}

function dedupe(violations: readonly Violation[]): Violation[] {
  const seen = new Map(violations.map((one) => [`${one.code} ${one.field} ${one.keyword}`, one]));
  return [...seen.values()];
}
