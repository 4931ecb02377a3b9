import { Command } from 'commander';
import { verifyChain } from '../../control-plane/src/audit/verify-chain.js';
import { type Variables, withDatabase } from './with-database.js';

export function auditCommand(variables: Variables): Command {
  const verify = new Command('verify')
    .description('Checks the hash chain of the audit log from its first entry. Exits with 1 where it is broken.')
    .action(async () => {
      const verdict = await withDatabase(variables, (source) => verifyChain(source.manager));
      if (verdict.ok) {
        process.stdout.write(`the audit log is whole: ${verdict.entries} entries, ending in ${verdict.hash}\n`);
      } else {
        process.stdout.write(`the audit log is broken at entry ${verdict.number} (${verdict.reason}): ${verdict.message}\n`);
        process.exitCode = 1;
      }
    });
  return new Command('audit').description('The log of who did what.').addCommand(verify);
}
