import { fileURLToPath } from 'node:url';

/** The oldest major version of Node that the compiled code runs on. */
const OLDEST_NODE = 24;

/**
 * What is wrong with this version of Node; `undefined` where it is new enough.
 * @param packaged the Node that `npm ci` puts beside the product, where there is one for this platform
 */
export function nodeProblem(version: string, packaged?: string): string | undefined {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1]);
  if (major >= OLDEST_NODE) return undefined;
  const ways = [
    ...(packaged ? [`run the same command with the one that "npm ci" installs here: ${packaged}`] : []),
    `install Node ${OLDEST_NODE} from https://nodejs.org`,
  ];
  return `Paddock needs Node ${OLDEST_NODE} or newer and was started with ${version}: ${ways.join(', or ')}.`;
}

/**
 * Ends a process whose Node is too old, with a sentence on standard error and code 1. Every entry point calls it before it
 * loads anything else (scripts/setup/bundle.mjs), so this file may only use what the oldest Node in use knows.
 */
export function assertNodeVersion(version: string = process.version): void {
  const problem = nodeProblem(version, packagedNode());
  if (problem === undefined) return;
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

function packagedNode(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  return fileURLToPath(new URL(`../../../node_modules/node-linux-${process.arch}/bin/node`, import.meta.url));
}
