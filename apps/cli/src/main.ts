import { Command, CommanderError } from 'commander';
import { assertNodeVersion, InvalidSettings } from '@paddock/runtime';
import { adoptCommand } from './adopt.command.js';
import { auditCommand } from './audit.command.js';
import { grantsCommand } from './grants.command.js';
import { migrateCommand } from './migrate.command.js';
import { seedCommand } from './seed.command.js';
import { trafficCommand } from './traffic.command.js';
import { userCommand } from './user.command.js';

assertNodeVersion();

const program = new Command('paddock')
  .description('Operates a Paddock installation. DATABASE_URL names its database.')
  .addCommand(migrateCommand(process.env))
  .addCommand(grantsCommand(process.env))
  .addCommand(seedCommand(process.env))
  .addCommand(userCommand(process.env))
  .addCommand(auditCommand(process.env))
  .addCommand(adoptCommand(process.env))
  .addCommand(trafficCommand(process.env))
  .exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  process.stderr.write(`${error instanceof InvalidSettings ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
