import { createWriteStream } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { exportLines } from '../../control-plane/src/audit/export/export-lines.js';
import { exportWitness, verifyExport } from '../../control-plane/src/audit/export/verify-export.js';
import { CheckpointFiles } from '../../control-plane/src/audit/heads/checkpoint-files.js';
import { parsePublicKeys, parseSigningKey, type PublicKeys } from '../../control-plane/src/audit/heads/signed-head.js';
import { type ChainVerdict, verifyChain } from '../../control-plane/src/audit/verify/verify-chain.js';
import { type Variables, withDatabase } from './with-database.js';

/** A worker signs within seconds. Entries that are older and not signed need an explanation. */
const SIGNED_WITHIN_MS = 5 * 60_000;

interface VerifyChoices {
  publicKey?: string;
  checkpoints?: string;
  export?: string;
  offline?: boolean;
}

export function auditCommand(variables: Variables): Command {
  return new Command('audit')
    .description('The log of who did what.')
    .addCommand(verifyCommand(variables))
    .addCommand(exportCommand(variables))
    .addCommand(keyCommand(variables));
}

function verifyCommand(variables: Variables): Command {
  return new Command('verify')
    .description(
      'Checks the audit log from its first entry. Exits with 1 where it is broken, and names the first broken entry.',
    )
    .option(
      '--public-key <keys>',
      'public keys in base64, joined by commas: checks the signatures; AUDIT_PUBLIC_KEYS by default',
    )
    .option(
      '--checkpoints <directory>',
      'compares with the signed heads outside the database; AUDIT_CHECKPOINTS by default',
    )
    .option('--export <file>', 'checks an export, and that the log still has all of it')
    .option('--offline', 'checks the export only, without a database')
    .action(async (choices: VerifyChoices) => {
      const keys = publicKeys(choices.publicKey ?? variables['AUDIT_PUBLIC_KEYS']);
      if (choices.offline && !choices.export)
        throw new Error('--offline checks an export: name it with --export <file>');
      const exported = choices.export ? await verifyExport(choices.export, keys) : undefined;
      if (exported) report('the export', exported);
      if (choices.offline || exported?.ok === false) return;
      const directory = choices.checkpoints ?? variables['AUDIT_CHECKPOINTS'];
      if (directory && !keys)
        throw new Error('checkpoints are signed: name the key with --public-key, or AUDIT_PUBLIC_KEYS');
      const checkpoints = directory ? await checkpointsIn(directory) : undefined;
      const verdict = await withDatabase(variables, (source) =>
        verifyChain(source.manager, {
          ...(keys ? { publicKeys: keys, signedBefore: new Date(Date.now() - SIGNED_WITHIN_MS) } : {}),
          ...(checkpoints ? { checkpoints } : {}),
          ...(choices.export ? { witnesses: [exportWitness(choices.export)] } : {}),
        }),
      );
      report('the audit log', verdict);
    });
}

function exportCommand(variables: Variables): Command {
  return new Command('export')
    .description('Writes the audit log with its signed heads as lines of JSON.')
    .option('--output <file>', 'where to, instead of the standard output; a file that exists is not overwritten')
    .action(async ({ output }: { output?: string }) => {
      const target: Writable = output ? createWriteStream(output, { flags: 'wx', mode: 0o600 }) : process.stdout;
      await withDatabase(variables, (source) =>
        pipeline(Readable.from(exportLines(source.manager, new Date())), target, { end: output !== undefined }),
      );
    });
}

function keyCommand(variables: Variables): Command {
  return new Command('key')
    .description('Makes a key that signs the audit log; where AUDIT_SIGNING_KEY is set, shows its public key instead.')
    .action(() => {
      const kept = variables['AUDIT_SIGNING_KEY'];
      const secret = kept ?? randomBytes(32).toString('hex');
      const key = parseSigningKey(secret);
      if (!key) throw new Error('AUDIT_SIGNING_KEY must be 32 bytes in hexadecimal digits');
      process.stdout.write(`${kept ? '' : `AUDIT_SIGNING_KEY=${secret}\n`}AUDIT_PUBLIC_KEYS=${key.publicKey}\n`);
    });
}

/** Files that are not there prove nothing, and their absence may be part of an attack. */
async function checkpointsIn(directory: string): Promise<CheckpointFiles> {
  const files = new CheckpointFiles(directory);
  const last = await files.last().catch(() => undefined);
  if (!last)
    throw new Error(
      `--checkpoints: there are no signed heads in ${directory}; the worker writes them to AUDIT_CHECKPOINTS`,
    );
  return files;
}

function publicKeys(text: string | undefined): PublicKeys | undefined {
  if (!text) return undefined;
  const keys = parsePublicKeys(text);
  if (!keys)
    throw new Error(
      '--public-key: expected Ed25519 public keys of 32 bytes in base64, joined by commas, as `paddock audit key` shows them',
    );
  return keys;
}

function report(what: string, verdict: ChainVerdict): void {
  if (!verdict.ok) {
    process.stdout.write(`${what} is broken at entry ${verdict.number} (${verdict.reason}): ${verdict.message}\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(`${what} is whole: ${verdict.entries} entries, ending in ${verdict.hash}\n`);
  process.stdout.write(`${signatures(verdict)}\n`);
}

function signatures({ entries, signed }: { entries: number; signed: number | undefined }): string {
  if (signed === undefined) return 'its signatures were not checked: name the public key with --public-key';
  if (signed === entries) return 'every entry is signed';
  return signed === 0
    ? 'no entry is signed yet'
    : `the entries up to ${signed} are signed; those after it will be within seconds`;
}
