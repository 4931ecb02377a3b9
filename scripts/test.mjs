// npm test: every test, against throw-away servers. npm run test:hazards -- --times 20 --seed 7: the hazards, again and again.
import { build } from './setup/build.mjs';
import { installDependencies } from './setup/install.mjs';
import { findNode } from './setup/node.mjs';
import { explain } from './setup/progress.mjs';

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

/** @type {import('./testing/suites.mjs').Counts} */
let counts = { passed: 0, failed: 1 };
try {
  await installDependencies({ development: true });
  const node = await findNode();
  await build();
  // Compiled a moment ago, so they cannot be imported any earlier.
  const { withThrowAwayServers } = await import('./testing/servers.mjs');
  const { runAll, runHazards } = await import('./testing/runs.mjs');
  const [command, ...args] = process.argv.slice(2);
  counts = await withThrowAwayServers((env) =>
    command === 'hazards' ? runHazards({ node, env, args }) : runAll({ node, env, args: process.argv.slice(2) }),
  );
} catch (error) {
  explain(error);
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed > 0 ? 1 : 0);
