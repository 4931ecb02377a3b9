import { works } from './command.mjs';
import { inProject } from './project.mjs';

const needed = 24;

/** The Node that runs Paddock: the one that came with the packages, or this one where it is new enough. */
export async function findNode() {
  const packaged = inProject('node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (process.platform === 'linux' && (await works(packaged, '--version'))) return packaged;
  if (Number.parseInt(process.versions.node, 10) >= needed) return process.execPath;
  throw new Error(
    `Paddock needs Node ${needed} or newer and this is ${process.versions.node}. For ${process.platform} on ${process.arch} ` +
      `none comes with the packages: install it from https://nodejs.org and repeat the command.`,
  );
}
