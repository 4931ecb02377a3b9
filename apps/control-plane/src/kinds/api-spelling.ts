import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import {
  getNullableType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  type GraphQLSchema,
} from 'graphql';
import type { Json, KindName } from '@paddock/contracts';
import { graphqlMember } from '../documents/kind.enum.js';
import { KindRegistry } from '../documents/kind-registry.js';

/**
 * Differences show bodies as `saveDraft` takes them: bodies are stored with the words of the data planes (`bounded`),
 * and the API has its enums (`BOUNDED`). The schema itself defines these words, so a new kind needs no extra code.
 */
@Injectable()
export class ApiSpelling implements OnModuleInit {
  constructor(
    private readonly kinds: KindRegistry,
    private readonly modules: ModuleRef,
  ) {}

  onModuleInit(): void {
    // The schema is made after the modules; bodies are shown after that.
    this.kinds.spellBy((kind, body) =>
      inApiSpelling(this.modules.get(GraphQLSchemaHost, { strict: false }).schema, kind, body),
    );
  }
}

/** A stored body with the enum values of the API. Pure. */
export function inApiSpelling(
  schema: GraphQLSchema,
  kind: KindName,
  body: { [name: string]: Json },
): { [name: string]: Json } {
  const bodies = schema.getType('DocumentBodyInput');
  const type = isInputObjectType(bodies) ? bodies.getFields()[graphqlMember(kind)]?.type : undefined;
  return type ? spellMembers(type, body) : body;
}

function spell(given: GraphQLInputType, value: Json): Json {
  const type = getNullableType(given);
  if (isListType(type)) return Array.isArray(value) ? value.map((member) => spell(type.ofType, member)) : value;
  if (isEnumType(type)) return type.getValues().find((member) => member.value === value)?.name ?? value;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? spellMembers(type, value) : value;
}

function spellMembers(given: GraphQLInputType, body: { [name: string]: Json }): { [name: string]: Json } {
  const type = getNullableType(given);
  // Free JSON has no type for its members.
  if (!isInputObjectType(type)) return body;
  const fields = type.getFields();
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      return [name, field ? spell(field.type, value) : value];
    }),
  );
}
