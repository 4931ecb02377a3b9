import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import type { GraphQLSchema } from 'graphql';
import { AppModule } from '../app.module.js';
import { SCHEMA_OPTIONS } from './graphql.module.js';
import { providersOf } from './providers-of.js';

/** The schema of the API, without anything that the API needs to run. */
export async function buildSchema(): Promise<GraphQLSchema> {
  const builder = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: ['error'] });
  return builder.get(GraphQLSchemaFactory).create([...providersOf(AppModule)], SCHEMA_OPTIONS);
}
