import 'reflect-metadata';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command } from 'commander';
import { armCrashPoint, createLogger, EnvReader, nestLogger, writeWhole } from '@paddock/runtime';
import { DatabaseModule } from '../../control-plane/src/database/database.module.js';
import { KindsModule } from '../../control-plane/src/kinds/kinds.module.js';
import { ProcessModule } from '../../control-plane/src/process.module.js';
import { SeedModule } from '../../control-plane/src/seed/seed.module.js';
import { Seed } from '../../control-plane/src/seed/seed.js';
import { readSettings } from '../../control-plane/src/settings.js';
import type { Variables } from './with-database.js';

@Module({ imports: [DatabaseModule, KindsModule, SeedModule] })
class SeedApplication {}

export function seedCommand(variables: Variables): Command {
  return new Command('seed')
    .description(
      'Fills an empty installation with a sample site. SEED_OUTPUT names the file that gets the new credentials.',
    )
    .action(async () => {
      const seeded = await seed(variables);
      process.stdout.write(seeded ? 'the sample site is published\n' : 'there are users already: nothing was seeded\n');
    });
}

async function seed(variables: Variables): Promise<boolean> {
  const env = new EnvReader(variables);
  const { output } = env.done({ output: env.text('SEED_OUTPUT') });
  const settings = readSettings(variables);
  armCrashPoint(settings.crashAt);
  const logger = createLogger('seed', 'warn');
  const process = ProcessModule.of('seed', settings, logger);
  const app = await NestFactory.createApplicationContext(
    { module: SeedApplication, imports: [process] },
    { logger: nestLogger(logger) },
  );
  try {
    await demandWritable(output);
    return await app.get(Seed, { strict: false }).run((credentials) =>
      writeWhole(dirname(output), basename(output), async (file) => {
        await file.write(`${JSON.stringify(credentials, null, 2)}\n`);
      }),
    );
  } finally {
    await app.close();
  }
}

/** Credentials that cannot be kept must not be created. Those of an earlier run stay: there may be no others. */
async function demandWritable(output: string): Promise<void> {
  const file = await open(output, 'a', 0o600);
  try {
    if ((await file.stat()).size === 0) await file.write('{}\n');
  } finally {
    await file.close();
  }
}
