import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command } from 'commander';
import { createLogger, EnvReader, nestLogger } from '#runtime';
import { DatabaseModule } from '../../control-plane/src/database/database.module.js';
import { KindsModule } from '../../control-plane/src/kinds/kinds.module.js';
import { ProcessModule } from '../../control-plane/src/process.module.js';
import { SeedModule } from '../../control-plane/src/seed/seed.module.js';
import { Seed, type SeededCredentials } from '../../control-plane/src/seed/seed.js';
import { readSettings } from '../../control-plane/src/settings.js';
import type { Variables } from './with-database.js';

@Module({ imports: [DatabaseModule, KindsModule, SeedModule] })
class SeedApplication {}

export function seedCommand(variables: Variables): Command {
  return new Command('seed')
    .description('Fills an empty installation with a sample site. SEED_OUTPUT names the file that gets the new credentials.')
    .action(async () => {
      const credentials = await seed(variables);
      process.stdout.write(credentials ? 'the sample site is published\n' : 'there are users already: nothing was seeded\n');
    });
}

async function seed(variables: Variables): Promise<SeededCredentials | undefined> {
  const env = new EnvReader(variables);
  const { output } = env.done({ output: env.text('SEED_OUTPUT') });
  const settings = readSettings(variables);
  const logger = createLogger('seed', 'warn');
  const process = ProcessModule.of('seed', settings, logger);
  const app = await NestFactory.createApplicationContext({ module: SeedApplication, imports: [process] }, { logger: nestLogger(logger) });
  try {
    // The file first: credentials that cannot be kept must not come to be.
    await writeFile(output, '{}\n', { mode: 0o600 });
    const credentials = await app.get(Seed, { strict: false }).run();
    if (credentials) await writeFile(output, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
    return credentials;
  } finally {
    await app.close();
  }
}
