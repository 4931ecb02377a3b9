import { writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { printedSchema } from '@paddock/graphql';
import { LayoutResolver } from './layout.resolver.js';
import { MarketResolver } from './market.resolver.js';

// Writes the schema that frontends generate their types from; needs no Redis.
const [file = 'apps/edge/schema.graphql'] = process.argv.slice(2);
const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
const schema = await app.get(GraphQLSchemaFactory).create([LayoutResolver, MarketResolver]);
await writeFile(file, printedSchema(schema));
await app.close();
