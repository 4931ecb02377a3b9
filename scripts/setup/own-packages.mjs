import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { inProject } from './project.mjs';

/**
 * Makes the libs of a compiled tree importable in it by their names, as they are among the sources: `@paddock/contracts`
 * is `libs/contracts/index.js` of the same tree. (From node_modules it would be the source.)
 * @param {string} tree a folder inside the project
 */
export async function linkOwnPackages(tree) {
  const scope = inProject(tree, 'node_modules', '@paddock');
  await mkdir(scope, { recursive: true });
  for (const lib of await readdir(inProject('libs'))) {
    const declared = await readFile(inProject('libs', lib, 'package.json'), 'utf8').catch(() => undefined);
    if (declared === undefined) continue;
    const { name, version, type } = JSON.parse(declared);
    await mkdir(inProject(tree, 'libs', lib), { recursive: true });
    await writeFile(
      inProject(tree, 'libs', lib, 'package.json'),
      JSON.stringify({ name, version, type, exports: './index.js' }),
    );
    await symlink(`../../libs/${lib}`, `${scope}/${lib}`);
  }
}
