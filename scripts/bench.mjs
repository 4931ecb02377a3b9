// npm run bench [-- reads publish landing memory lists adoption analytics delivery proxy]: measures the built product
// against limits of this machine, on temporary servers.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './setup/build.mjs';
import { installDependencies } from './setup/install.mjs';
import { findNode } from './setup/node.mjs';
import { explain } from './setup/progress.mjs';
import { inProject } from './setup/project.mjs';

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

/** Which rows a tool is for, and what they are without it. @type {{ tool: import('./setup/packages.mjs').ToolName, row: string, without: string }[]} */
const TOOLS = [
  { tool: 'nginx', row: 'proxy', without: 'the proxy is not compared with it' },
  { tool: 'taskset', row: 'delivery', without: 'servers share their core with their clients' },
];

try {
  // It compares with libraries that nothing else uses, by the servers of the tests.
  await installDependencies({ development: true });
  const node = await findNode();
  await build();
  // Compiled a moment ago, so it cannot be imported any earlier.
  const { ensureInstalled, installCommand } = await import('./setup/packages.mjs');
  const rows = process.argv.slice(2);
  const useful = TOOLS.filter(({ row }) => rows.length === 0 || rows.some((name) => name.startsWith(row)));
  const { missing, reason, absent } = await ensureInstalled(
    ['mariadb', 'redis'],
    useful.map(({ tool }) => tool),
  );
  if (missing.length > 0)
    throw new Error(`The bench measures real servers: ${reason}\n  Type:\n\n    ${installCommand(missing)}`);
  for (const { tool, without } of useful)
    if (absent.includes(tool))
      console.error(`  There is no ${tool} here: ${without}. To have it, type:\n\n    ${installCommand([tool])}\n`);

  // Everything that is started keeps its files in here, and ends with us.
  const dir = mkdtempSync(join(tmpdir(), 'paddock-bench-'));
  const bench = spawn(node, [inProject('dist', 'bench', 'main.js'), ...rows], {
    cwd: inProject(),
    env: { ...process.env, TMPDIR: dir },
    stdio: 'inherit',
  });
  process.once('exit', () => {
    bench.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  bench.once('exit', (code) => process.exit(code ?? 1));
} catch (error) {
  explain(error);
  process.exit(1);
}
