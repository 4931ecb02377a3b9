// npm run test:unit [-- WORD…] [options of Vitest]: the unit suites, or those whose path contains a word, straight from the
// sources: nothing is built, no server is started. npm run test:watch runs them again after each edit.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { installDependencies } from './setup/install.mjs';
import { findNode } from './setup/node.mjs';
import { explain } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';
import { leadingWords, ROOMS, roomsWith } from './testing/rooms.mjs';

const vitest = inProject('node_modules', 'vitest', 'vitest.mjs');

async function unitSuites() {
  const folders = Object.values(ROOMS).flat();
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(inProject(folder), { recursive: true })).map((file) => `${folder}/${file}`),
    ),
  );
  return files.flat().filter((file) => file.endsWith('.spec.ts'));
}

async function runUnit() {
  const watch = process.argv[2] === '--watch';
  const args = process.argv.slice(watch ? 3 : 2);
  const words = leadingWords(args);
  const rooms = roomsWith(words, await unitSuites());
  if (rooms.length === 0)
    throw new Error(
      `No unit suite has ${words.join(' or ')} in its path. Suites with servers: npm test -- ${words.join(' ')}`,
    );
  // Whether each package is up to date is not asked: that alone takes longer than most suites.
  if (!existsSync(vitest)) await installDependencies({ development: true });
  const projects = rooms.map((room) => `--project=unit:${room}`);
  const child = spawn(await findNode(), [vitest, watch ? 'watch' : 'run', ...projects, ...args], {
    cwd: inProject(),
    // Compiled code of Vite and Nest is kept between runs.
    env: { NODE_COMPILE_CACHE: inProject('node_modules', '.cache', 'node-compile'), ...process.env },
    stdio: 'inherit',
  });
  // A terminal sends its keys to both processes; Vitest exits first and gives the exit code.
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => child.kill(/** @type {NodeJS.Signals} */ (signal)));
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}

try {
  await runUnit();
} catch (error) {
  explain(error);
  process.exitCode = 1;
}
