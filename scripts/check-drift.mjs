// npm run check:drift: generated files agree with the code. With --write it generates them.
import { build } from './setup/build.mjs';
import { installDependencies } from './setup/install.mjs';
import { findNode } from './setup/node.mjs';
import { say, step } from './setup/progress.mjs';

await installDependencies();
const node = await findNode();
await build();
// Compiled a moment ago, so they cannot be imported any earlier.
const { gatesPageAgrees } = await import('./drift/gates.mjs');
const { migrationsAgree } = await import('./drift/migrations.mjs');
const { schemasAgree } = await import('./drift/schemas.mjs');
const { variablesAgree } = await import('./drift/variables.mjs');

const write = process.argv.includes('--write');
/** Each returns what disagrees. */
const checks = {
  'migrations make exactly the tables of the entities': () => migrationsAgree(node),
  'schema.graphql is what the code serves': () => schemasAgree(node, write),
  'docs/gates.md describes the gates that are registered': () => gatesPageAgrees(node, write),
  '.env.example lists what is read': () => variablesAgree(node),
};

for (const [claim, check] of Object.entries(checks)) {
  /** @type {string[]} */
  const problems = await step(claim, check).catch((error) => [error.message]);
  say(`${problems.length === 0 ? '✓' : '✗'} ${claim}`);
  for (const problem of problems) console.error(problem.replace(/^/gm, '      '));
  if (problems.length > 0) process.exitCode = 1;
}
