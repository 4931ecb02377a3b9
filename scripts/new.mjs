// npm run new -- kind|gate|feed NAME: makes a skeleton that compiles and is tested, and prints what is left to do.
import { spawnSync } from 'node:child_process';
import { feedSkeleton } from './new/feed.mjs';
import { gateSkeleton } from './new/gate.mjs';
import { kindSkeleton } from './new/kind.mjs';
import { namesOf } from './new/names.mjs';
import { writeSkeleton } from './new/skeleton.mjs';
import { installDependencies } from './setup/install.mjs';
import { explain } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';

/** @type {Record<string, (names: import('./new/names.mjs').Names) => import('./new/skeleton.mjs').Skeleton>} */
const SKELETONS = { kind: kindSkeleton, gate: gateSkeleton, feed: feedSkeleton };

try {
  const [what = '', name = '', ...more] = process.argv.slice(2);
  const skeletonOf = SKELETONS[what];
  if (!skeletonOf || more.length > 0)
    throw new Error('Type: npm run new -- kind|gate|feed NAME, as in npm run new -- kind price-boost');
  const skeleton = skeletonOf(namesOf(name));
  const paths = await writeSkeleton(inProject(), skeleton);
  await installDependencies({ development: true });
  spawnSync(inProject('node_modules', '.bin', 'prettier'), ['--write', '--log-level=warn', ...paths], {
    cwd: inProject(),
    stdio: 'inherit',
  });
  console.log(
    [...paths.map((path) => `  ${path}`), '', '  Left to do:', ...skeleton.left.map((step) => `  - ${step}`), ''].join(
      '\n',
    ),
  );
} catch (error) {
  explain(error);
  process.exitCode = 1;
}
