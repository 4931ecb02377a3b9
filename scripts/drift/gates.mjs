import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../setup/command.mjs';
import { inProject } from '../setup/project.mjs';

const writer = inProject('dist', 'apps', 'control-plane', 'src', 'graphql', 'write-gates-page.js');
const committed = inProject('docs', 'gates.md');

/** docs/gates.md describes the gates that the control plane registers. */
export async function gatesPageAgrees(/** @type {string} */ node, /** @type {boolean} */ write) {
  const dir = await mkdtemp(join(tmpdir(), 'paddock-gates-'));
  try {
    const file = write ? committed : join(dir, 'gates.md');
    await run(node, [writer, file]);
    const made = await readFile(file, 'utf8');
    const known = await readFile(committed, 'utf8').catch(() => '');
    return made === known ? [] : ['docs/gates.md differs; npm run check:drift -- --write, then read the change'];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
