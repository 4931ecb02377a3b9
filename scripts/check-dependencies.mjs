// npm run check:dependencies: no package has a known hole, and what runs in production may be part of a work under
// Apache-2.0. Works without internet access; `npm audit`, where its registry answers, knows more.
import { say } from './setup/progress.mjs';
import { lockProblems } from './supply/lock-problems.mjs';
import { dependencyProblems } from './supply/floors.mjs';
import { licenceProblems } from './supply/licences.mjs';
import { lockedPackages, productionPackages, readLock } from './supply/lock.mjs';

const { packages } = await readLock();
const problems = [...lockProblems(packages), ...dependencyProblems(packages), ...licenceProblems(packages)];
for (const problem of problems) console.error(problem);
const [all, production] = [lockedPackages(packages).length, productionPackages(packages).length];
say(
  `${problems.length === 0 ? '✓' : '✗'} ${all} packages, ${production} of them in production: hashes, known holes, licences`,
);
if (problems.length > 0) process.exitCode = 1;
