import { writeFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { printedSchema } from '@paddock/graphql';
import { ExplorationResolver } from '../explorations/exploration.resolver.js';
import { LiveResolver } from '../live/live.resolver.js';
import { QuarantineResolver } from '../quarantine/quarantine.resolver.js';
import { ReconciliationResolver } from '../reconciliation/reconciliation.resolver.js';
import { SeriesResolver } from './series.resolver.js';

// Writes the schema that consoles generate their types from; needs no store.
const [file = 'apps/analytics/schema.graphql'] = process.argv.slice(2);
const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
const schema = await app
  .get(GraphQLSchemaFactory)
  .create([SeriesResolver, ExplorationResolver, LiveResolver, QuarantineResolver, ReconciliationResolver]);
await writeFile(file, printedSchema(schema));
await app.close();
