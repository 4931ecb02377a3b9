import { Command } from 'commander';
import { migrate } from '#migrations';
import { type Variables, withDatabase } from './with-database.js';

export function migrateCommand(variables: Variables): Command {
  return new Command('migrate')
    .description(
      'Brings the tables of the control plane to this version. May be interrupted, repeated and started by several processes: one runs, the others wait for it.',
    )
    .action(async () => {
      const done = await withDatabase(variables, (source) => migrate(source, { set: 'migrations' }));
      for (const name of done) process.stdout.write(`ran ${name}\n`);
      if (done.length === 0) process.stdout.write('the database is up to date\n');
    });
}
