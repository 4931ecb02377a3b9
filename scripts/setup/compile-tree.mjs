// node scripts/setup/compile-tree.mjs TREE: compiles the sources into a new folder of the project. See build.mjs.
import { mkdir } from 'node:fs/promises';
import { sourcesNow } from './build.mjs';
import { bundle } from './bundle.mjs';
import { compileSources } from './compile.mjs';
import { linkOwnPackages } from './own-packages.mjs';
import { inProject } from './project.mjs';

const [tree] = process.argv.slice(2);
if (!tree) throw new Error('say where to: node scripts/setup/compile-tree.mjs TREE');
await mkdir(inProject(tree));
const { sources } = await sourcesNow();
await Promise.all([compileSources(sources, tree), linkOwnPackages(tree)]);
await bundle(tree);
