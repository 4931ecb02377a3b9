import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { SignedInClient } from '../testing/world.js';
import { testWorld, type World } from '../testing/world.js';
import { buildSchema } from './build-schema.js';

/** The session that asks would end. */
const ENDS_IT = ['signOut', 'changePassword'];
const TEXTS = ['é', '１２３', '\u0000', '\ud800', 'no cursor'];

/** A value that the type takes, with the text wherever text goes. */
function filled(type: GraphQLInputType, text: string): unknown {
  if (isNonNullType(type)) return filled(type.ofType, text);
  if (isListType(type)) return [filled(type.ofType, text)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    // Optional input objects would go round in circles.
    const needed = type.isOneOf
      ? fields.slice(0, 1)
      : fields.filter((field) => isNonNullType(field.type) || !isInputObjectType(field.type));
    return Object.fromEntries(needed.map((field) => [field.name, filled(field.type, text)]));
  }
  switch (type.name) {
    case 'Boolean':
      return true;
    case 'Int':
    case 'Float':
      return 1;
    case 'DateTime':
      return '2030-01-01T00:00:00Z';
    case 'JSON':
      return {};
    default:
      return text;
  }
}

/** What is asked: everything at once, and each optional argument by itself, since the first one refused hides the others. */
function variablesOf(args: readonly (GraphQLArgument | GraphQLInputField)[], text: string): Record<string, unknown>[] {
  const value = ({ name, type }: GraphQLArgument | GraphQLInputField): [string, unknown] => [
    name,
    name === 'after' ? Buffer.from(text).toString('base64url') : filled(type, text),
  ];
  const needed = args.filter(({ type }) => isNonNullType(type));
  const optional = args.filter(({ type }) => !isNonNullType(type));
  return [[...args], ...optional.map((one) => [...needed, one])].map((some) => Object.fromEntries(some.map(value)));
}

function questions(schema: GraphQLSchema): { operation: string; name: string; args: readonly GraphQLArgument[] }[] {
  const of = (operation: string, fields: Record<string, { args: readonly GraphQLArgument[] }> = {}) =>
    Object.entries(fields).map(([name, { args }]) => ({ operation, name, args }));
  return [...of('query', schema.getQueryType()?.getFields()), ...of('mutation', schema.getMutationType()?.getFields())];
}

describe('characters that no name has', () => {
  let world: World;
  let admin: SignedInClient;
  let schema: GraphQLSchema;

  beforeAll(async () => {
    world = await testWorld();
    await world.seed().site('acme-uk').environment('production');
    [admin, schema] = await Promise.all([world.signedIn('ADMIN'), buildSchema()]);
  });
  afterAll(() => world.close());

  test.each(TEXTS.map((text) => [JSON.stringify(text), text]))(
    '%s is understood by every root field',
    async (_, text) => {
      const failed: string[] = [];
      for (const { operation, name, args } of questions(schema).filter((one) => !ENDS_IT.includes(one.name))) {
        const declared = args.map((one) => `$${one.name}: ${String(one.type)}`).join(', ');
        const passed = args.map((one) => `${one.name}: $${one.name}`).join(', ');
        const query = `${operation}${declared ? `(${declared})` : ''} { ${name}${passed ? `(${passed})` : ''} { __typename } }`;
        for (const variables of variablesOf(args, text)) {
          const { status, errors } = await admin.send(query, variables);
          if (status >= 500) failed.push(`${name} ${JSON.stringify(variables)}: ${errors[0]?.message}`);
        }
      }
      expect(failed).toEqual([]);
    },
  );

  test.each([
    ['{ document(id: "é") { id } }', 'id'],
    ['{ documentByKey(kind: PROMO, key: "é") { id } }', 'key'],
    ['{ rollbackPlan(id: "a", keep: ["é"]) { planHash } }', 'keep'],
    ['{ stateAt(environment: "é") { nodes { seq } } }', 'environment'],
    ['{ documents(after: "w6k") { nodes { id } } }', 'after'],
    ['{ audit(after: "enp6") { nodes { number } } }', 'after'],
    ['{ releases(environment: "prodution") { nodes { seq } } }', 'environment'],
    ['{ consumers(environment: "prodution") { nodes { instance } } }', 'environment'],
    ['{ stateAt(environment: "prodution") { nodes { seq } } }', 'environment'],
    ['{ stateAt(environment: "production", seq: 1) { nodes { seq } } }', 'seq'],
  ])('%s names the field', async (query, path) => {
    const { status, errors } = await admin.send(query);
    expect(status).toBe(400);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
  });

  test('a search finds labels with any letters', async () => {
    const body = { promo: { title: 'Café derby' } };
    await admin.send(
      'mutation ($body: DocumentBodyInput!) { saveDraft(input: { key: "cafe", body: $body }) { __typename } }',
      { body },
    );
    const { data } = await admin.send('{ documents(search: "Café") { nodes { key } } }');
    expect(data).toEqual({ documents: { nodes: [{ key: 'cafe' }] } });
  });
});
