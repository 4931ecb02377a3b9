import { Command } from 'commander';
import { type Variables, withDatabase } from './with-database.js';

export function migrateCommand(variables: Variables): Command {
  return new Command('migrate')
    .description('Brings the database to this version, each migration in a transaction of its own. May be repeated.')
    .action(async () => {
      const done = await withDatabase(variables, (source) => source.runMigrations());
      for (const { name } of done) process.stdout.write(`ran ${name}\n`);
      if (done.length === 0) process.stdout.write('the database is up to date\n');
    });
}
