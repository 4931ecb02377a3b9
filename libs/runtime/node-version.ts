/** The oldest major version of Node that the compiled code runs on. */
const OLDEST_NODE = 24;

/** What is wrong with this version of Node; `undefined` where it is new enough. */
export function nodeProblem(version: string): string | undefined {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1]);
  if (major >= OLDEST_NODE) return undefined;
  return `Paddock needs Node ${OLDEST_NODE} or newer and was started with ${version}. Use the Node that comes with it: npm run paddock -- <command>, or node_modules/node/bin/node.`;
}

/** To be called before anything else of a process: an older Node fails later, in the middle of work, by a missing function. */
export function demandNode(version: string = process.version): void {
  const problem = nodeProblem(version);
  if (problem === undefined) return;
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}
