import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { usersScript } from '@paddock/migrations';
import { REDIS_ADMINISTRATOR, REDIS_USERS, redisAclFile, type RedisUser, redisUserName } from '@paddock/processes';
import { EnvReader } from '@paddock/runtime';
import { TABLE_GRANTS } from '../../../migrations/grants.js';
import { readUserPrefix } from './database-users.js';
import type { Variables } from './with-database.js';

export function grantsCommand(variables: Variables): Command {
  return new Command('grants')
    .description(
      'Prints SQL that makes a database user for each process, with the privileges that the process needs; with --redis, an ' +
        'aclfile that does the same in Redis. Nothing is changed. New passwords are printed with it: keep the output secret.',
    )
    .option('--database <name>', 'the database whose tables are meant', 'paddock')
    .option('--redis', 'the users of Redis instead')
    .action(({ database, redis }: { database: string; redis?: true }) => {
      process.stdout.write(redis ? redisUsers(variables) : databaseUsers(variables, database));
    });
}

const newPassword = (): string => randomBytes(24).toString('hex');

function databaseUsers(variables: Variables, database: string): string {
  const env = new EnvReader(variables);
  if (!/^[\w-]+$/.test(database)) env.refuse('--database', 'must be letters, digits, - and _');
  const { prefix } = env.done({ prefix: readUserPrefix(env) });
  const header = [
    '-- Run this as a user who may create users, after the migrations (those of odds too), and again after each upgrade.',
    '-- A user that exists keeps its password. Take DATABASE_URL of each process from what is new:',
    `--   mysql://<user>:<password>@<host>:3306/${database}`,
  ];
  return `${header.join('\n')}\n\n${usersScript(TABLE_GRANTS, { database, prefix, newPassword })}\n`;
}

function redisUsers(variables: Variables): string {
  const env = new EnvReader(variables);
  const { prefix } = env.done({ prefix: env.text('REDIS_PREFIX', 'paddock') });
  const passwords: Record<RedisUser, string> = {
    controlPlane: newPassword(),
    worker: newPassword(),
    edge: newPassword(),
    analytics: newPassword(),
    odds: newPassword(),
    cli: newPassword(),
  };
  const administrator = newPassword();
  const ofProcesses = REDIS_USERS.map((user) => [redisUserName(prefix, user), passwords[user]]);
  const shown = [[REDIS_ADMINISTRATOR, administrator], ...ofProcesses];
  // An aclfile has no comments, so the passwords go to the terminal beside it.
  process.stderr.write(`${shown.map(([name, password]) => `${name} ${password}`).join('\n')}\n`);
  return redisAclFile({ prefix, passwords, administrator });
}
