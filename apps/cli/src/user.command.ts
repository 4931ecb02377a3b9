import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command } from 'commander';
import { DataSource } from 'typeorm';
import { createLogger, nestLogger } from '@paddock/runtime';
import { AccessModule } from '../../control-plane/src/access/access.module.js';
import { FirstAdministrator } from '../../control-plane/src/access/users/first-administrator.js';
import { Database } from '../../control-plane/src/database/database.js';
import { ProblemError, ValidationProblem } from '../../control-plane/src/graphql/problems.js';
import { askForPassword } from './ask-for-password.js';
import { type Variables, withDatabase } from './with-database.js';

interface Choices {
  email: string;
  name: string;
  generate?: true;
  force?: true;
}

export function userCommand(variables: Variables): Command {
  return new Command('user').description('Who can sign in.').addCommand(createCommand(variables));
}

function createCommand(variables: Variables): Command {
  return new Command('create')
    .description(
      'Creates the first administrator of an installation without the sample site. Asks for the password on a terminal, and ' +
        'reads it from standard input otherwise: at least 15 characters. DATABASE_URL must name a user who may write users, ' +
        'such as that of the control plane. Refused where there is an administrator.',
    )
    .requiredOption('--email <address>', 'what the administrator signs in with')
    .option('--name <name>', 'as colleagues see it', 'Administrator')
    .option('--generate', 'makes a password and prints it, once, instead of asking for one')
    .option('--force', 'creates another administrator where there is one: for an installation that is locked out')
    .action(async (choices: Choices) => {
      const password = choices.generate ? randomBytes(18).toString('base64url') : await askForPassword();
      const { email } = await create(variables, { ...choices, password });
      process.stdout.write(`${email} can sign in as administrator\n`);
      if (choices.generate) process.stdout.write(`password, shown once: ${password}\n`);
    });
}

function create(variables: Variables, { force, ...administrator }: Choices & { password: string }) {
  return withDatabase(variables, async (source) => {
    const logger = nestLogger(createLogger('cli', 'warn'));
    const app = await NestFactory.createApplicationContext(CommandModule.of(source), { logger });
    try {
      return await app.get(FirstAdministrator, { strict: false }).create(administrator, { force: force ?? false });
    } catch (error) {
      throw error instanceof ProblemError ? new Error(explained(error)) : error;
    } finally {
      await app.close();
    }
  });
}

/** One line per mistake, with the option that it is about. */
function explained({ problem }: ProblemError): string {
  if (!(problem instanceof ValidationProblem)) return problem.message;
  return problem.fields
    .map(({ path, message }) => `${path === 'password' ? path : `--${path}`}: ${message}`)
    .join('\n');
}

/** The database of this command, for services that are written for the processes. */
@Global()
@Module({})
class CommandModule {
  static of(source: DataSource): DynamicModule {
    return {
      module: CommandModule,
      imports: [AccessModule],
      providers: [{ provide: DataSource, useValue: source }, Database],
      exports: [Database],
    };
  }
}
