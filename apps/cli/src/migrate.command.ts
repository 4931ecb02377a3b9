import { Command } from 'commander';
import { applyUsers, migrate } from '@paddock/migrations';
import { TABLE_GRANTS } from '../../../migrations/grants.js';
import { readDatabaseUsers } from './database-users.js';
import { type Variables, withDatabase } from './with-database.js';

export function migrateCommand(variables: Variables): Command {
  return new Command('migrate')
    .description(
      'Brings the tables of the control plane to this version. May be interrupted, repeated and started by several processes: ' +
        'one runs, the others wait for it. Where DATABASE_PASSWORD_CONTROL_PLANE, _WORKER, _ODDS or _CLI is set, also makes ' +
        'the database users of these processes; the tables of odds must be up to date then.',
    )
    .action(async () => {
      const users = readDatabaseUsers(variables);
      const { done, changed } = await withDatabase(variables, async (source, url) => ({
        done: await migrate(source, { set: 'migrations' }),
        changed: await applyUsers(source, url, { ...users, grants: TABLE_GRANTS }),
      }));
      for (const name of done) process.stdout.write(`ran ${name}\n`);
      if (done.length === 0) process.stdout.write('the database is up to date\n');
      for (const user of changed) process.stdout.write(`the database user of ${user} has its privileges\n`);
    });
}
