import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { transformFile } from '@swc/core';
import { inProject } from './project.mjs';

/** The compiler works on its own threads; files beyond these would only wait in memory. */
const AT_ONCE = 16;

/**
 * Compiles TypeScript files into a tree, each with its source map. The compiler's own command would do the same, but
 * brings a downloader and unpackers for a dozen formats into every installation.
 * @param {string[]} sources paths inside the project
 * @param {string} tree a folder inside the project
 */
export async function compileSources(sources, tree) {
  const waiting = [...sources];
  const work = async () => {
    for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) await compileFile(source, tree);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function compileFile(/** @type {string} */ source, /** @type {string} */ tree) {
  const target = inProject(tree, source.replace(/\.ts$/, '.js'));
  const { code, map } = await transformFile(inProject(source), { cwd: inProject(), outputPath: target });
  await mkdir(dirname(target), { recursive: true });
  await Promise.all([
    writeFile(target, `${code}\n//# sourceMappingURL=${basename(target)}.map`),
    writeFile(`${target}.map`, map ?? ''),
  ]);
}
