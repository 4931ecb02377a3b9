// npm run reset: removes everything that a local installation keeps, after stopping it where it runs.
import { rm, stat } from 'node:fs/promises';
import { composeRemove } from './local/compose.mjs';
import { localFolder, localLock } from './local/files.mjs';
import { endLeftovers } from './local/leftovers.mjs';
import { holderOf, takeLock } from './setup/lock.mjs';
import { end } from './setup/process-identity.mjs';
import { say, step } from './setup/progress.mjs';

const stopWithinMs = 15_000;

const running = await holderOf(localLock);
if (running) await step('stopping Paddock', () => end(running, stopWithinMs));

if (!(await stat(localFolder).catch(() => undefined))) {
  say('there is nothing to remove.');
} else if (await takeLock(localLock)) {
  await endLeftovers();
  await composeRemove();
  await rm(localFolder, { recursive: true, force: true });
  say(`removed ${localFolder}; the next npm start begins with an empty installation.`);
} else {
  say('Paddock is being started this very moment; stop it first.');
  process.exitCode = 1;
}
