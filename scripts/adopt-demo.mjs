// npm run adopt:demo: takes over a small old back office, beside the Paddock that npm start runs here.
import { readJson, runFile } from './local/files.mjs';
import { build } from './setup/build.mjs';
import { installDependencies } from './setup/install.mjs';
import { explain } from './setup/progress.mjs';

await installDependencies();
await build();
const run = await readJson(runFile);
if (!run) {
  console.error('\n  Paddock does not run here; start it in another terminal: npm start\n');
  process.exit(1);
}
// Compiled a moment ago, so they cannot be imported any earlier.
const { startOldBackOffice } = await import('./adopt-demo/old-back-office.mjs');
const { walk } = await import('./adopt-demo/walk.mjs');
const old = await startOldBackOffice();
try {
  await walk({ run, old });
  console.log('\n  Done. The promos stay, the old database stops; docs/adoption.md explains how to adopt your own.\n');
} catch (error) {
  explain(error);
  process.exitCode = 1;
} finally {
  await old.stop();
}
