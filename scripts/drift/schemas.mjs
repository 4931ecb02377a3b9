import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../setup/command.mjs';
import { inProject } from '../setup/project.mjs';

const apps = ['analytics', 'control-plane', 'edge'];

/** Each app writes the schema that it would serve. */
export async function schemasAgree(/** @type {string} */ node, /** @type {boolean} */ write) {
  const dir = await mkdtemp(join(tmpdir(), 'paddock-schema-'));
  try {
    const problems = await Promise.all(apps.map((app) => schemaAgrees({ node, app, dir, write })));
    return problems.flat();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function schemaAgrees(
  /** @type {{ node: string, app: string, dir: string, write: boolean }} */ { node, app, dir, write },
) {
  const committed = inProject('apps', app, 'schema.graphql');
  const file = write ? committed : join(dir, `${app}.graphql`);
  await run(node, [inProject('dist', 'apps', app, 'src', 'graphql', 'write-schema.js'), file]);
  const served = await readFile(file, 'utf8');
  const known = await readFile(committed, 'utf8').catch(() => '');
  return served === known
    ? []
    : [`apps/${app}/schema.graphql differs; npm run check:drift -- --write, then read the change`];
}
