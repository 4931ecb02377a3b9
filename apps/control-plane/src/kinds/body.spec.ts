import { beforeAll, describe, expect, test } from 'vitest';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory, Query, Resolver } from '@nestjs/graphql';
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import 'reflect-metadata';
import { KINDS } from '@paddock/contracts';
import { DocumentBodyUnion, toDocumentBody } from './body.object.js';
import { KindsModule } from './kinds.module.js';
import { SaveDraftResolver } from './save-draft.resolver.js';

@Resolver()
class AnyQuery {
  @Query(() => DocumentBodyUnion, { nullable: true })
  any(): null {
    return null;
  }
}

/** `Promo` of `[Promo!]!`. */
const nameOf = (type: GraphQLType): string => String(type).replace(/[[\]!]/g, '');

describe('bodies in GraphQL', () => {
  let schema: GraphQLSchema;

  beforeAll(async () => {
    const builder = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: ['error'] });
    schema = await builder.get(GraphQLSchemaFactory).create([AnyQuery, SaveDraftResolver]);
    await builder.close();
  });

  /** The types that can be reached from one, by name. */
  function reachable(name: string, seen = new Map<string, GraphQLNamedType>()): Map<string, GraphQLNamedType> {
    const type = schema.getType(name);
    if (!type || seen.has(name)) return seen;
    seen.set(name, type);
    if (isUnionType(type)) for (const member of type.getTypes()) reachable(member.name, seen);
    if (isInputObjectType(type) || isObjectType(type)) {
      for (const field of Object.values(type.getFields())) reachable(nameOf(field.type), seen);
    }
    return seen;
  }

  /** Fields and their types without what differs by nature: required in an input is required in an output. */
  function shapeOf(type: GraphQLNamedType | undefined): Record<string, string> {
    if (!isInputObjectType(type) && !isObjectType(type)) return {};
    return Object.fromEntries(
      Object.values(type.getFields()).map(({ name, type: fieldType }) => {
        const required = isNonNullType(fieldType) ? '!' : '';
        const list = isListType(isNonNullType(fieldType) ? fieldType.ofType : fieldType) ? 'list of ' : '';
        return [name, `${list}${nameOf(fieldType).replace(/Input$/, '')}${required}`];
      }),
    );
  }

  test('every kind has its member in the input and in the union', () => {
    const members = KINDS.map((kind) => kind.replace(/-./g, (part) => part.slice(1).toUpperCase()));
    expect(Object.keys(shapeOf(schema.getType('DocumentBodyInput')))).toEqual(members);
    const union = schema.getType('DocumentBody');
    const types = isUnionType(union) ? union.getTypes().map(({ name }) => name) : [];
    expect(types.map((name) => name.charAt(0).toLowerCase() + name.slice(1))).toEqual(members);
  });

  test('what goes in comes out: input and output types have the same fields', () => {
    const inputs = [...reachable('DocumentBodyInput').keys()].filter(
      (name) => name.endsWith('Input') && name !== 'DocumentBodyInput',
    );
    expect(inputs).toEqual(
      expect.arrayContaining([
        'EventSchemaInput',
        'EventFilterInput',
        'PromoInput',
        'ComponentInput',
        'LayoutInput',
        'LayoutItemInput',
        'AudienceInput',
        'ScheduleInput',
      ]),
    );
    for (const name of inputs) {
      const shape = shapeOf(schema.getType(name));
      expect(Object.keys(shape).length).toBeGreaterThan(0);
      expect({ name, shape: shapeOf(schema.getType(name.replace(/Input$/, ''))) }).toEqual({ name, shape });
    }
  });

  test('every type and field is described', () => {
    const described = [...reachable('DocumentBodyInput').values(), ...reachable('DocumentBody').values()].filter(
      (type) => isInputObjectType(type) || isObjectType(type) || isUnionType(type),
    );
    const fields = described.flatMap((type) =>
      isUnionType(type)
        ? []
        : Object.values(type.getFields()).map((field) => ({
            name: `${type.name}.${field.name}`,
            text: field.description,
          })),
    );
    const undescribed = [...described.map((type) => ({ name: type.name, text: type.description })), ...fields].filter(
      ({ text }) => !text,
    );
    expect(fields.length).toBeGreaterThan(60);
    expect(undescribed).toEqual([]);
  });
});

describe('stored bodies', () => {
  test.each([
    ['promo', '{"cta":{"href":"/x","label":"Go"},"title":"x"}', 'Promo'],
    ['component', '{"name":"Banner","propsSchema":{"type":"object"}}', 'Component'],
    ['layout', '{"page":"home","slots":[{"items":[{"promo":"a"}],"name":"hero"}]}', 'Layout'],
    [
      'adoption',
      '{"documents":{"keyPrefix":"b-","kind":"promo"},"fields":[],"key":["id"],"mode":"OBSERVE"}',
      'Adoption',
    ],
    ['event-schema', '{"event":"bet_placed","fields":{"id":"id","time":"at"},"versions":[]}', 'EventSchema'],
    [
      'proxy-upstream',
      '{"allow":["/**"],"baseUrl":"https://api.example.com","silenceMs":20000,"windowMs":1000}',
      'ProxyUpstream',
    ],
    ['market-rule', '{"effect":"HIDE","match":{"sport":"football"},"reason":"x"}', 'MarketRule'],
    [
      'odds-feed',
      '{"enabled":true,"silenceMs":10000,"source":{"simulator":{}},"suspendedDisplay":"BLANK","syncWindowMs":0}',
      'OddsFeed',
    ],
    ['metric', '{"simple":{"agg":"count","event":"bet_placed"},"title":"Bets"}', 'Metric'],
    ['exploration', '{"grain":"day","metric":"bets","range":{"last":"7d"},"title":"Bets of a week"}', 'Exploration'],
  ] as const)('a %s is an instance of its type, with all that was stored', (kind, stored, type) => {
    const body = toDocumentBody(kind, stored);
    expect(body.constructor.name).toBe(type);
    expect(JSON.parse(JSON.stringify(body))).toEqual(JSON.parse(stored));
  });

  test('every kind is registered', () => {
    const providers: unknown = Reflect.getMetadata('providers', KindsModule);
    expect(providers).toEqual([
      expect.objectContaining({ useValue: KINDS.map((name) => expect.objectContaining({ name })) }),
    ]);
  });
});
